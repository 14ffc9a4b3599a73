package org.hopespark.cluster.spark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.cluster.CheckpointFailedException;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.conf.UserException;

/**
 * Runs a gang again after it has lost a worker, each time as a new generation. What is wrong with the run itself, a
 * mistake of the user, replicas that differ or a gradient that is not finite, is not tried again.
 *
 * <p>Every attempt asks for all workers first. Where {@code cluster.min-workers} allows it, an attempt for which there
 * is no room continues with fewer, and ends after a checkpoint once there is room for more.
 */
public final class RetryLoop {
    private static final Duration SETTLED = Duration.ofSeconds(2);
    private static final Logger LOG = LogManager.getLogger(RetryLoop.class);

    /** What a run does around its attempts, on the driver. */
    @FunctionalInterface
    public interface Attempts {
        /** Called before each attempt, from generation 1, with the number of its workers. */
        WorkerFunction begin(long generation, int workers);

        /** Called before {@link #begin}: what would keep an attempt from going well, for the user. */
        default List<String> preflight() {
            return List.of();
        }

        /** Whether the work can be shared among so many workers. */
        default boolean fits(int workers) {
            return true;
        }

        /** Step of the newest checkpoint, 0 before the first. */
        default long savedStep() {
            return 0;
        }

        /** Called after an attempt that ended early and may be followed by another one. */
        default void ended(AttemptEnd end) {}

        /** Called after an attempt that ended early for a reason that would end every other one, too. */
        default void failed(AttemptEnd end) {}
    }

    private final Cluster cluster;
    private final ClusterConfig config;

    public RetryLoop(Gang gang, ClusterConfig config) {
        this((Cluster) gang, config);
    }

    RetryLoop(Cluster cluster, ClusterConfig config) {
        this.cluster = cluster;
        this.config = config;
    }

    /**
     * Runs until an attempt succeeds or a budget is spent.
     *
     * @param workers N
     * @param attempts makes each attempt's workers
     * @return the workers' results in the order of their ranks
     * @throws UserException when the preflight of an attempt or a worker has found what the user must mend
     * @throws AttemptFailedException when a budget is spent or the application was stopped
     */
    public List<String> run(int workers, StepListener listener, Attempts attempts) {
        Budgets budgets = new Budgets(config);
        Hosts hosts = new Hosts(config.maxHostFailures());
        Sizes sizes = new Sizes(workers, config.minWorkers(), attempts::fits);
        Duration patience = Duration.ofSeconds(config.startTimeoutSeconds());
        for (long generation = 1; ; generation++) {
            if (cluster.isStopped()) {
                throw stopped(stoppedBeforeItBegan(generation), attempts.savedStep());
            }
            try {
                int size = preflight(generation, sizes, room(sizes, patience), attempts);
                return cluster.run(
                        size,
                        generation,
                        listener,
                        attempts.begin(generation, size),
                        () -> size < workers && sizes.largest(cluster.slots()) > size);
            } catch (AttemptFailedException | CheckpointFailedException e) {
                AttemptEnd end = end(generation, e);
                attempts.ended(end);
                requireAnother(budgets, end, attempts.savedStep(), e);
                if (end.kind() == AttemptEnd.Kind.FAILURE) {
                    hosts.failedFirst(end.host());
                    cluster.exclude(hosts.excluded());
                }
                // a resize knows the room that there is
                patience = end.kind() == AttemptEnd.Kind.RESIZE
                        ? SETTLED
                        : Duration.ofSeconds(config.startTimeoutSeconds());
            } catch (RuntimeException e) {
                attempts.failed(end(generation, e));
                throw e;
            }
        }
    }

    /** Waits for room for all, then, where there is not even room for the fewest, for that as long as a queue takes. */
    private int room(Sizes sizes, Duration patience) {
        int size = sizes.largest(cluster.awaitSlots(sizes.full(), patience));
        Duration queue = cluster.queueTimeout().minus(patience);
        return size > 0 || queue.isNegative() || queue.isZero()
                ? size
                : sizes.largest(cluster.awaitSlots(needed(sizes), queue));
    }

    private static int needed(Sizes sizes) {
        return sizes.fewest() > 0 ? sizes.fewest() : sizes.full();
    }

    private int preflight(long generation, Sizes sizes, int size, Attempts attempts) {
        if (size == 0 && cluster.isStopped()) {
            throw stopped(stoppedBeforeItBegan(generation), attempts.savedStep());
        }
        List<String> problems = new ArrayList<>(cluster.problems());
        if (size == 0) {
            problems.add(0, cluster.shortage(needed(sizes)));
        }
        problems.addAll(attempts.preflight());
        if (!problems.isEmpty()) {
            throw UserException.of("attempt " + generation + " cannot start", problems);
        }
        if (size < sizes.full()) {
            LOG.warn("attempt {} continues with {} of {} workers", generation, size, sizes.full());
        }
        return size;
    }

    private void requireAnother(Budgets budgets, AttemptEnd end, long savedStep, RuntimeException e) {
        if (end.kind() == AttemptEnd.Kind.STOP) {
            throw stopped(end, savedStep);
        }
        if (cluster.isStopped()) {
            throw new AttemptFailedException(
                    "the Spark application was stopped; the same command resumes from the newest checkpoint", end, e);
        }
        budgets.reached(savedStep);
        budgets.spend(end.kind()).ifPresent(spent -> {
            throw new AttemptFailedException(spent + "; the last one: " + e.getMessage(), end, e);
        });
        LOG.error(
                "attempt {} failed ({}), retrying: {}",
                end.generation(),
                end.kind().word(),
                end.cause());
        LOG.debug("attempt {}", end.generation(), e);
    }

    private static AttemptEnd stoppedBeforeItBegan(long generation) {
        return new AttemptEnd(AttemptEnd.Kind.STOP, generation, "stopped before it began", "", System.nanoTime());
    }

    private static AttemptFailedException stopped(AttemptEnd end, long savedStep) {
        return new AttemptFailedException(
                "stopped; " + (savedStep > 0 ? "step " + savedStep + " is saved, and " : "")
                        + "the same command resumes",
                end,
                null);
    }

    private static AttemptEnd end(long generation, RuntimeException e) {
        return e instanceof AttemptFailedException failed
                ? failed.end()
                : new AttemptEnd(
                        AttemptEnd.Kind.FAILURE, generation, String.valueOf(e.getMessage()), "", System.nanoTime());
    }
}
