package org.hopespark.cluster.spark;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Spark says of an executor that has gone.
 *
 * @param id Spark's, of the executor
 * @param reason in Spark's or the cluster manager's words
 */
record LostExecutor(String id, String reason) {
    private static final Pattern FAILURE =
            Pattern.compile("ExecutorLostFailure \\(executor (\\S+) .*?\\) Reason: (.*)", Pattern.MULTILINE);

    /**
     * Executors that were asked to go: Spark's decommissioning, YARN's preemption, a pod that Kubernetes has deleted,
     * and 143, the exit code of a JVM that got SIGTERM.
     */
    private static final Pattern PREEMPTION =
            Pattern.compile("decommission|preempt|was deleted|\\b143\\b|SIGTERM", Pattern.CASE_INSENSITIVE);

    /** The first one that Spark's failure of a job tells of. */
    static Optional<LostExecutor> in(String text) {
        Matcher matcher = FAILURE.matcher(text);
        return matcher.find() ? Optional.of(new LostExecutor(matcher.group(1), matcher.group(2))) : Optional.empty();
    }

    boolean isPreempted() {
        return PREEMPTION.matcher(reason).find();
    }
}
