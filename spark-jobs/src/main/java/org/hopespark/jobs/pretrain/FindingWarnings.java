package org.hopespark.jobs.pretrain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** Warns of what statistics have found while a model trains: of each illness once, until it has passed. */
final class FindingWarnings {
    private static final Logger LOG = LogManager.getLogger(FindingWarnings.class);

    private Set<String> present = Set.of();

    /**
     * Lines for the metrics, which are logged, too.
     *
     * @param findings of the statistics of a step
     */
    List<ObjectNode> of(long step, JsonNode findings) {
        Map<String, List<String>> byIllness = new LinkedHashMap<>();
        for (JsonNode finding : findings) {
            byIllness
                    .computeIfAbsent(finding.path("illness").asText(), illness -> new ArrayList<>())
                    .add(finding.path("text").asText());
        }
        List<ObjectNode> lines = new ArrayList<>();
        byIllness.forEach((illness, texts) -> {
            if (!present.contains(illness)) {
                String more = texts.size() > 1 ? "; and in " + (texts.size() - 1) + " more blocks" : "";
                String cause = "step " + step + ", " + illness + ": " + texts.get(0) + more;
                LOG.warn("{}", cause);
                lines.add(WorkerMessages.warning(step, cause));
            }
        });
        present = Set.copyOf(byIllness.keySet());
        return lines;
    }
}
