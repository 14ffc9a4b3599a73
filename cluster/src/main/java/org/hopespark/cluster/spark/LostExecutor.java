package org.hopespark.cluster.spark;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Spark says of an executor that has gone.
 *
 * @param id Spark's, of the executor
 * @param reason in Spark's or the cluster manager's words, on one line
 */
record LostExecutor(String id, String reason) {
    /** On Kubernetes the reason has many lines. */
    private static final Pattern FAILURE = Pattern.compile(
            "ExecutorLostFailure \\(executor (\\S+) [^\\n]*?\\) Reason: (.*?)(?:\\nDriver stacktrace:|\\z)",
            Pattern.DOTALL);

    /**
     * Executors that were asked to go: Spark's decommissioning, YARN's preemption, a pod that Kubernetes has deleted,
     * and 143, the exit code of a JVM that got SIGTERM. Whole phrases, for reasons hold host names and times, too.
     */
    private static final Pattern PREEMPTION = Pattern.compile(
            "^Executor decommission|\\bwas preempted\\.|\\bwas deleted by a user or the framework"
                    + "|\\bexit(?:ed with)? (?:code|status):? 143\\b",
            Pattern.CASE_INSENSITIVE);

    /** Executors that were ended because they used too much memory; YARN sends SIGTERM first. */
    private static final Pattern OUT_OF_MEMORY = Pattern.compile(
            "for exceeding (?:physical|virtual) memory limits|\\bOOMKilled\\b|\\bexit (?:code|status):? -10[34]\\b",
            Pattern.CASE_INSENSITIVE);

    LostExecutor {
        reason = reason.strip().replaceAll("\\s+", " ");
    }

    /** The first one that Spark's failure of a job names. */
    static Optional<LostExecutor> in(String text) {
        Matcher matcher = FAILURE.matcher(text);
        return matcher.find() ? Optional.of(new LostExecutor(matcher.group(1), matcher.group(2))) : Optional.empty();
    }

    boolean isPreempted() {
        return PREEMPTION.matcher(reason).find() && !isOutOfMemory();
    }

    boolean isOutOfMemory() {
        return OUT_OF_MEMORY.matcher(reason).find();
    }

    /** The reason, and which setting to change, where one would help. */
    String explained() {
        return isOutOfMemory()
                ? reason + ": raise spark.executor.memoryOverhead (OVERHEAD of cluster/deploy's submit)"
                : reason;
    }
}
