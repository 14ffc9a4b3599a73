package org.hopespark.cluster.spark;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.hopespark.cluster.spark.Message.Answer;
import org.hopespark.cluster.spark.Message.DriverCommands;
import org.hopespark.cluster.spark.Message.Failure;
import org.jspecify.annotations.Nullable;

/** The driver's side of the control plane: hands messages to the attempt that they belong to. */
final class Coordinator implements DriverPlugin {
    private final AtomicReference<@Nullable Coordinator> handle;
    private final AtomicReference<@Nullable Attempt> current = new AtomicReference<>();
    private final RunDisplay display = new RunDisplay();
    private final Map<String, String> executors = new ConcurrentHashMap<>();

    Coordinator(AtomicReference<@Nullable Coordinator> handle) {
        this.handle = handle;
    }

    @Override
    public Map<String, String> init(SparkContext spark, PluginContext plugin) {
        handle.set(this);
        display.start(spark);
        spark.addSparkListener(new SparkListener() {
            @Override
            public void onExecutorAdded(SparkListenerExecutorAdded added) {
                executors.put(added.executorId(), added.executorInfo().executorHost());
            }

            @Override
            public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
                executors.remove(removed.executorId());
                Attempt attempt = current.get();
                if (attempt != null) {
                    attempt.lost(new LostExecutor(removed.executorId(), removed.reason()));
                }
            }
        });
        return Map.of();
    }

    @Override
    public void registerMetrics(String application, PluginContext plugin) {
        display.registerMetrics(plugin.metricRegistry());
    }

    void show(RunView view) {
        display.show(view);
    }

    @Override
    public void shutdown() {
        handle.compareAndSet(this, null);
    }

    /** Hosts of the executors that are there, by Spark's ids. */
    Map<String, String> executors() {
        return Map.copyOf(executors);
    }

    /** From now on only messages of this attempt count. */
    void begin(Attempt attempt) {
        if (!current.compareAndSet(null, attempt)) {
            throw new IllegalStateException("a gang is running already in this Spark application");
        }
    }

    void end(Attempt attempt) {
        current.compareAndSet(attempt, null);
        attempt.end();
    }

    @Override
    public @Nullable Object receive(Object text) {
        Message message = Message.decode((String) text, Message.class);
        Attempt attempt = current.get();
        boolean belongs = attempt != null && attempt.generation().equals(message.generation());
        switch (message.kind()) {
            case KEY -> {
                return attempt != null && belongs ? attempt.key().encode() : "";
            }
            case REGISTER -> {
                return Message.encode(
                        attempt != null && belongs
                                ? attempt.register(message.rank(), Message.decode(message.body(), Registration.class))
                                : Answer.refused(message.generation() + " is over"));
            }
            case STEP -> {
                if (attempt != null && belongs) {
                    attempt.reported(message.rank(), message.body());
                }
                // sent one way: an answer would be logged as a mistake
                return null;
            }
            case FAILED -> {
                if (attempt != null && belongs) {
                    attempt.failed(message.rank(), Message.decode(message.body(), Failure.class));
                }
                return "";
            }
            case FINISHED -> {
                return "";
            }
            case PREEMPTED -> {
                if (attempt != null && belongs) {
                    attempt.preempted(message.rank());
                }
                return "";
            }
            case ORDERS -> {
                return Message.encode(
                        attempt != null && belongs ? attempt.commands(message.rank()) : DriverCommands.NONE);
            }
        }
        throw new IllegalStateException("unreachable: " + message);
    }
}
