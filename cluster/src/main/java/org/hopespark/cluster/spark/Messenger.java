package org.hopespark.cluster.spark;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.Member;
import org.hopespark.cluster.WorkerLostException;
import org.hopespark.cluster.spark.Message.Answer;
import org.hopespark.cluster.spark.Message.Failure;
import org.hopespark.cluster.spark.Message.Kind;
import org.jspecify.annotations.Nullable;

/** The executor's side of the control plane. */
final class Messenger implements ExecutorPlugin {
    private static final Duration POLL = Duration.ofMillis(50);

    private final AtomicReference<@Nullable Messenger> handle;
    private @Nullable PluginContext plugin;

    Messenger(AtomicReference<@Nullable Messenger> handle) {
        this.handle = handle;
    }

    @Override
    public void init(PluginContext context, Map<String, String> fromDriver) {
        plugin = context;
        handle.set(this);
    }

    @Override
    public void shutdown() {
        handle.compareAndSet(this, null);
    }

    /** Registers a worker and waits for the others. */
    List<Member> meet(Generation generation, int rank, Member member, Duration timeout, BooleanSupplier interrupted)
            throws InterruptedException {
        Message message = new Message(Kind.REGISTER, generation, rank, Message.encode(member));
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
