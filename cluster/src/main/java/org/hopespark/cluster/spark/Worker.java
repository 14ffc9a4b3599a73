package org.hopespark.cluster.spark;

import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.cluster.Sender;
import org.hopespark.cluster.Transport;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.conf.ConfigException;

/**
 * The frame around a {@link WorkerFunction} on an executor: connects, watches, tells the driver how it ended.
 *
 * @param generation of the attempt
 * @param workers N
 * @param transport what carries the bytes between workers
 * @param startTimeout longest wait for the others to arrive
 * @param function what the worker does
 */
record Worker(
        Generation generation,
        int workers,
        ClusterConfig.Transport transport,
        Duration startTimeout,
        WorkerFunction function)
        implements Serializable {
    private static final Duration POLL = Duration.ofMillis(200);

    String run() throws Exception {
        BarrierTaskContext task = BarrierTaskContext.get();
        int rank = task.partitionId();
        Messenger messenger = HopePlugin.messenger().orElseThrow(Worker::noPlugin);
        // told before the transport closes, so that the cause reaches the driver before what it causes
        AtomicBoolean told = new AtomicBoolean();
        Consumer<Throwable> tell = error -> {
            if (!told.getAndSet(true)) {
                tell(task, messenger, error);
            }
        };
        try (NetworkTransport open =
                TransportChoice.listen(transport, SparkEnv.get(), new Sender(generation, workers, rank))) {
            open.beforeFailing(tell::accept);
            Thread watch = watch(task, open);
            try {
                open.join(messenger.meet(generation, rank, open.member(), startTimeout, task::isInterrupted));
                String result = function.run(new Seat(generation, task, open, messenger));
                messenger.finished(generation, rank);
                return result;
            } catch (Throwable error) {
                tell.accept(error);
                throw error;
            } finally {
                watch.interrupt();
            }
        }
    }

    private void tell(BarrierTaskContext task, Messenger messenger, Throwable error) {
        try {
            if (!task.isInterrupted()) {
                messenger.failed(generation, task.partitionId(), error);
            }
        } catch (RuntimeException untold) {
            error.addSuppressed(untold);
        }
    }

    /** Spark does not interrupt the thread of a cancelled task; closing the transport ends its waits. */
    private static Thread watch(BarrierTaskContext task, Transport transport) {
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
