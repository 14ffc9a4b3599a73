package org.hopespark.cluster.spark;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.GenerationKey;
import org.hopespark.cluster.Member;
import org.hopespark.cluster.WorkerLostException;
import org.hopespark.cluster.spark.Message.Answer;
import org.hopespark.cluster.spark.Message.DriverCommands;
import org.hopespark.cluster.spark.Message.Failure;
import org.hopespark.cluster.spark.Message.Kind;
import org.hopespark.files.ScratchFolder;
import org.jspecify.annotations.Nullable;

/** The executor's side of the control plane. */
final class Messenger implements ExecutorPlugin {
    private static final Duration POLL = Duration.ofMillis(50);

    private static final Logger LOG = LogManager.getLogger(Messenger.class);

    /** A worker of this process. */
    record RunningWorker(Generation generation, int rank, Duration grace, WorkerSignals signals) {}

    private final Set<RunningWorker> running = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable Messenger> handle;
    private @Nullable PluginContext plugin;

    Messenger(AtomicReference<@Nullable Messenger> handle) {
        this.handle = handle;
    }

    @Override
    public void init(PluginContext context, Map<String, String> fromDriver) {
        plugin = context;
        handle.set(this);
        ScratchFolder.takeNativeLibraries();
        ScalaApi.onTermination(this::terminating);
    }

    @Override
    public void shutdown() {
        handle.compareAndSet(this, null);
    }

    /** What the workers of a generation prove to each other to have. */
    GenerationKey key(Generation generation, int rank) {
        String key = ask(new Message(Kind.KEY, generation, rank, ""));
        if (key.isEmpty()) {
            throw new CancellationException("rank " + rank + " was refused: " + generation + " is over");
        }
        return GenerationKey.decode(key);
    }

    /** Registers a worker and waits for the others. */
    List<Member> meet(
            Generation generation, int rank, Registration registration, Duration timeout, BooleanSupplier interrupted)
            throws InterruptedException {
        Message message = new Message(Kind.REGISTER, generation, rank, Message.encode(registration));
        long start = System.nanoTime();
        while (true) {
            Answer answer = Message.decode(ask(message), Answer.class);
            if (!answer.refusal().isEmpty()) {
                throw new CancellationException("rank " + rank + " was refused: " + answer.refusal());
            }
            if (answer.missing().isEmpty()) {
                return answer.members();
            }
            if (interrupted.getAsBoolean()) {
                throw new CancellationException("cancelled while ranks " + answer.missing() + " were missing");
            }
            if (System.nanoTime() - start > timeout.toNanos()) {
                throw new WorkerLostException(
                        generation + ", registration: ranks " + answer.missing() + " did not register within "
                                + timeout.toSeconds() + " s",
                        answer.missing(),
                        null);
            }
            Thread.sleep(POLL.toMillis());
        }
    }

    void report(Generation generation, int rank, String json) {
        try {
            context().send(Message.encode(new Message(Kind.STEP, generation, rank, json)));
        } catch (IOException e) {
            throw new IllegalStateException("the driver cannot be reached: " + e.getMessage(), e);
        }
    }

    /** Returns when the driver knows. */
    void failed(Generation generation, int rank, Throwable error) {
        ask(new Message(Kind.FAILED, generation, rank, Message.encode(Failure.of(error))));
    }

    /** Returns when the driver has all reports: it reads the messages of one executor in their order. */
    void finished(Generation generation, int rank) {
        ask(new Message(Kind.FINISHED, generation, rank, ""));
    }

    /** What the driver wants of this worker. */
    DriverCommands commands(Generation generation, int rank) {
        return Message.decode(ask(new Message(Kind.ORDERS, generation, rank, "")), DriverCommands.class);
    }

    /** From now on SIGTERM is reported to this worker and to the driver, and the process ends only some time after. */
    void running(RunningWorker worker) {
        running.add(worker);
    }

    /** The worker has ended. */
    void left(RunningWorker worker) {
        worker.signals().handled();
        running.remove(worker);
    }

    /** Holds up the end of the process until the workers have saved what they will, or their grace is over. */
    private void terminating() {
        List<RunningWorker> now = List.copyOf(running);
        long begin = System.nanoTime();
        for (RunningWorker worker : now) {
            LOG.warn(
                    "SIGTERM: rank {} has {} s to save",
                    worker.rank(),
                    worker.grace().toSeconds());
            worker.signals().preempt();
            try {
                ask(new Message(Kind.PREEMPTED, worker.generation(), worker.rank(), ""));
            } catch (IllegalStateException e) {
                LOG.warn("rank {} ends without the driver knowing why", worker.rank(), e);
            }
        }
        for (RunningWorker worker : now) {
            worker.signals().awaitHandled(worker.grace().minusNanos(System.nanoTime() - begin));
        }
    }

    private String ask(Message message) {
        try {
            return (String) context().ask(Message.encode(message));
        } catch (Exception e) {
            throw new IllegalStateException(
                    "the driver did not answer to " + message.kind() + ": " + e.getMessage(), e);
        }
    }

    private PluginContext context() {
        if (plugin == null) {
            throw new IllegalStateException("the plugin has not been initialised by Spark");
        }
        return plugin;
    }
}
