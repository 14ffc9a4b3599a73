package org.hopespark.jobs.pretrain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.jobs.run.RunEvent;

/** Warns of what statistics have found while a model trains: of each illness once, until it has passed. */
final class FindingWarnings {
    private static final Logger LOG = LogManager.getLogger(FindingWarnings.class);

    private Set<String> present = Set.of();

    /** Looks at the findings of the statistics of a step; the warnings are logged, too. */
    List<RunEvent.Warning> of(long step, List<RunEvent.Finding> findings) {
        Map<String, List<String>> byIllness = findings.stream()
                .collect(Collectors.groupingBy(
                        RunEvent.Finding::illness,
                        LinkedHashMap::new,
                        Collectors.mapping(RunEvent.Finding::text, Collectors.toList())));
        List<RunEvent.Warning> warnings = new ArrayList<>();
        byIllness.forEach((illness, texts) -> {
            if (!present.contains(illness)) {
                String more = texts.size() > 1 ? "; and in " + (texts.size() - 1) + " more blocks" : "";
                String cause = "step " + step + ", " + illness + ": " + texts.get(0) + more;
                LOG.warn("{}", cause);
                warnings.add(new RunEvent.Warning(step, cause));
            }
        });
        present = Set.copyOf(byIllness.keySet());
        return warnings;
    }
}
