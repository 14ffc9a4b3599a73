package org.hopespark.cluster.spark;

import java.io.Serializable;
import java.time.Duration;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.hopespark.conf.ConfigException;

/**
 * The frame around a {@link WorkerFunction} on an executor: connects, watches, tells the driver how it ended.
 *
 * @param generation of the attempt
 * @param workers N
 * @param startTimeout longest wait for the others to arrive
 * @param function what the worker does
 */
record Worker(Generation generation, int workers, Duration startTimeout, WorkerFunction function)
        implements Serializable {
    private static final Duration POLL = Duration.ofMillis(200);

    String run() throws Exception {
        BarrierTaskContext task = BarrierTaskContext.get();
        int rank = task.partitionId();
        Messenger messenger = HopePlugin.messenger().orElseThrow(Worker::noPlugin);
        try (SparkTransport transport = new SparkTransport(SparkEnv.get(), generation, rank, workers)) {
            Thread watch = watch(task, transport);
            try {
                transport.join(messenger.meet(generation, rank, transport.member(), startTimeout, task::isInterrupted));
                String result = function.run(new Seat(generation, task, transport, messenger));
                messenger.finished(generation, rank);
                return result;
            } catch (Throwable error) {
                // told before the transport closes, so that the cause reaches the driver before what it causes
                if (!task.isInterrupted()) {
                    tell(messenger, rank, error);
                }
                throw error;
            } finally {
                watch.interrupt();
            }
        }
    }

    private void tell(Messenger messenger, int rank, Throwable error) {
        try {
            messenger.failed(generation, rank, error);
        } catch (RuntimeException untold) {
            error.addSuppressed(untold);
        }
    }

    /** Spark does not interrupt the thread of a cancelled task; closing the transport ends its waits. */
    private static Thread watch(BarrierTaskContext task, SparkTransport transport) {
        Thread watch = new Thread(
                () -> {
                    try {
                        while (!task.isInterrupted()) {
                            Thread.sleep(POLL.toMillis());
                        }
                        transport.close("Spark has cancelled the task");
                    } catch (InterruptedException over) {
                        Thread.currentThread().interrupt();
                    }
                },
                "hope-watch-" + transport.rank());
        watch.setDaemon(true);
        watch.start();
        return watch;
    }

    private static ConfigException noPlugin() {
        return Gang.noPlugin("the executors");
    }
}
