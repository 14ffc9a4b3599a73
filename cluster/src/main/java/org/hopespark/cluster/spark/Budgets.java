package org.hopespark.cluster.spark;

import java.util.Optional;
import org.hopespark.conf.ClusterConfig;

/**
 * What a run may spend on attempts that end early: failures in a row without a newer checkpoint between them, and
 * preemptions in all.
 */
final class Budgets {
    private final int maxFailures;
    private final int maxPreemptions;
    private long savedStep;
    private int failures;
    private int preemptions;

    Budgets(ClusterConfig config) {
        maxFailures = config.maxFailures();
        maxPreemptions = config.maxPreemptions();
    }

    /** A checkpoint that is newer than the last forgives the failures before it: they did not stop the run. */
    void reached(long step) {
        if (step > savedStep) {
            savedStep = step;
            failures = 0;
        }
    }

    /** Takes note of an end; returns which budget is overspent, if one is. */
    Optional<String> spend(AttemptEnd.Kind kind) {
        switch (kind) {
            case FAILURE -> {
                failures++;
                if (failures > maxFailures) {
                    return Optional.of("gave up after " + failures
                            + " failed attempts without a newer checkpoint (cluster.max-failures = " + maxFailures
                            + ")");
                }
            }
            case PREEMPTION -> {
                preemptions++;
                if (maxPreemptions >= 0 && preemptions > maxPreemptions) {
                    return Optional.of("gave up after " + preemptions
                            + " preempted attempts (cluster.max-preemptions = " + maxPreemptions + ")");
                }
            }
            case RESIZE, STOP -> {}
        }
        return Optional.empty();
    }
}
