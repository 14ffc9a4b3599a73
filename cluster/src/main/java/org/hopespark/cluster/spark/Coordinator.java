package org.hopespark.cluster.spark;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.hopespark.cluster.Member;
import org.hopespark.cluster.spark.Message.Answer;
import org.hopespark.cluster.spark.Message.Failure;
import org.jspecify.annotations.Nullable;

/** The driver's side of the control plane: hands messages to the attempt that they belong to. */
final class Coordinator implements DriverPlugin {
    private final AtomicReference<@Nullable Coordinator> handle;
    private final AtomicReference<@Nullable Attempt> current = new AtomicReference<>();
    private final RunDisplay display = new RunDisplay();

    Coordinator(AtomicReference<@Nullable Coordinator> handle) {
        this.handle = handle;
    }

    @Override
    public Map<String, String> init(SparkContext spark, PluginContext plugin) {
        handle.set(this);
        display.start(spark);
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
            case REGISTER -> {
                return Message.encode(
                        attempt != null && belongs
                                ? attempt.register(message.rank(), Message.decode(message.body(), Member.class))
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
        }
        throw new IllegalStateException("unreachable: " + message);
    }
}
