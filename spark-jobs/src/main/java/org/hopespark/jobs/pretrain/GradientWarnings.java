package org.hopespark.jobs.pretrain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.jobs.run.RunEvent;

/**
 * Warns of a level's gradient that is far longer than at the boundaries before: once, until one is within bounds again.
 */
final class GradientWarnings {
    private static final Logger LOG = LogManager.getLogger(GradientWarnings.class);

    /** As much as the gradient may grow with the length of documents. */
    private static final double MOST_GROWTH = 10;

    /** Boundaries that are looked back on; before as many have passed nothing is judged. */
    private static final int BOUNDARIES = 16;

    private final Map<Integer, Deque<Double>> norms = new HashMap<>();
    private final Set<Integer> outside = new HashSet<>();

    /** Looks at the levels that a step has exchanged; the warnings are logged, too. */
    List<RunEvent.Warning> of(RunEvent.StepDone done) {
        long step = done.step();
        List<RunEvent.Warning> warnings = new ArrayList<>();
        for (RunEvent.LevelDone each : done.levels()) {
            int level = each.level();
            double norm = each.gradientNorm();
            Deque<Double> before = norms.computeIfAbsent(level, index -> new ArrayDeque<>());
            double bound = before.size() < BOUNDARIES ? Double.POSITIVE_INFINITY : MOST_GROWTH * median(before);
            if (norm <= bound) {
                outside.remove(level);
            } else if (outside.add(level)) {
                String cause = String.format(
                        Locale.ROOT,
                        "step %d, gradient: that of level %d has norm %.3g, more than %.0f times the median of the last %d"
                                + " boundaries, %.3g: lower training.learning-rate or training.clip-norm; if it grows"
                                + " with the length of documents (hope run health), model.memory.others-rate",
                        step,
                        level,
                        norm,
                        MOST_GROWTH,
                        BOUNDARIES,
                        bound / MOST_GROWTH);
                LOG.warn("{}", cause);
                warnings.add(new RunEvent.Warning(step, cause));
            }
            before.addLast(norm);
            if (before.size() > BOUNDARIES) {
                before.removeFirst();
            }
        }
        return warnings;
    }

    private static double median(Deque<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
