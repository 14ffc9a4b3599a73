package org.hopespark.cluster.spark;

import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.cluster.PreemptedException;
import org.hopespark.cluster.ResizeException;
import org.hopespark.cluster.Sender;
import org.hopespark.cluster.Transport;
import org.hopespark.cluster.spark.Message.DriverCommands;
import org.hopespark.cluster.spark.Messenger.RunningWorker;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.conf.UserException;

/**
 * The frame around a {@link WorkerFunction} on an executor: connects, watches, reports to the driver how it ended.
 *
 * @param generation of the attempt
 * @param workers N
 * @param transport what carries the bytes between workers
 * @param startTimeout longest wait for the others to arrive
 * @param grace longest time to live on after SIGTERM
 * @param function what the worker does
 */
record Worker(
        Generation generation,
        int workers,
        ClusterConfig.Transport transport,
        Duration startTimeout,
        Duration grace,
        WorkerFunction function)
        implements Serializable {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration ORDERS = Duration.ofSeconds(1);
    private static final Logger LOG = LogManager.getLogger(Worker.class);

    String run() throws Exception {
        BarrierTaskContext task = BarrierTaskContext.get();
        int rank = task.partitionId();
        Messenger messenger = HopePlugin.messenger().orElseThrow(Worker::noPlugin);
        // reported before the transport closes, so that the cause reaches the driver before what it causes
        AtomicBoolean told = new AtomicBoolean();
        Consumer<Throwable> tell = error -> {
            if (!told.getAndSet(true)) {
                tell(task, messenger, error);
            }
        };
        RunningWorker running = new RunningWorker(generation, rank, grace, new WorkerSignals());
        messenger.running(running);
        try (NetworkTransport open = TransportChoice.listen(
                transport, SparkEnv.get(), new Sender(generation, workers, rank), messenger.key(generation, rank))) {
            open.beforeFailing(tell::accept);
            Thread watch = watch(task, open);
            Thread commands = commands(messenger, running);
            try {
                Registration registration = new Registration(
                        open.member(),
                        SparkEnv.get().executorId(),
                        TaskGpu.address(task).orElse(""),
                        Identity.of(function),
                        System.currentTimeMillis());
                open.join(messenger.meet(generation, rank, registration, startTimeout, task::isInterrupted));
                String result = function.run(new WorkerContext(generation, task, open, messenger, running.signals()));
                messenger.finished(generation, rank);
                return result;
            } catch (PreemptedException | ResizeException end) {
                tell.accept(end);
                // an error would make Spark cancel the others, who may still be saving
                return "";
            } catch (Throwable error) {
                tell.accept(error);
                throw error;
            } finally {
                watch.interrupt();
                commands.interrupt();
            }
        } finally {
            messenger.left(running);
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
        return daemon("hope-watch-" + transport.rank(), () -> {
            while (!task.isInterrupted()) {
                Thread.sleep(POLL.toMillis());
            }
            transport.close("Spark has cancelled the task");
        });
    }

    /** The driver cannot call a worker: the worker asks. */
    private static Thread commands(Messenger messenger, RunningWorker running) {
        return daemon("hope-commands-" + running.rank(), () -> {
            while (true) {
                Thread.sleep(ORDERS.toMillis());
                DriverCommands commands = messenger.commands(running.generation(), running.rank());
                if (commands.preempted()) {
                    running.signals().preempt();
                }
                if (commands.resize()) {
                    running.signals().resize();
                }
            }
        });
    }

    @FunctionalInterface
    private interface Loop {
        void run() throws InterruptedException;
    }

    private static Thread daemon(String name, Loop loop) {
        Thread thread = new Thread(
                () -> {
                    try {
                        loop.run();
                    } catch (InterruptedException over) {
                        Thread.currentThread().interrupt();
                    } catch (IllegalStateException unreachable) {
                        LOG.debug("{} ends", name, unreachable);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static UserException noPlugin() {
        return Gang.noPlugin("the executors");
    }
}
