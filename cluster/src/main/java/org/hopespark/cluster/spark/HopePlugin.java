package org.hopespark.cluster.spark;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;
import org.jspecify.annotations.Nullable;

/**
 * The control plane: workers find each other, report and fail through the driver, over Spark's plugin RPC. Switched on
 * by {@code spark.plugins}; its jar must be on the class path that driver and executors start with.
 */
public final class HopePlugin implements SparkPlugin {
    // Spark makes the plugin and hands it to nobody: what runs in a job finds the instances of its JVM only here.
    private static final AtomicReference<@Nullable Coordinator> COORDINATOR = new AtomicReference<>();
    private static final AtomicReference<@Nullable Messenger> MESSENGER = new AtomicReference<>();

    @Override
    public DriverPlugin driverPlugin() {
        return new Coordinator(COORDINATOR);
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new Messenger(MESSENGER);
    }

    /** Shows a run in Spark's metrics and web interface, where the plugin runs, until the next one is shown. */
    public static void show(RunView view) {
        coordinator().ifPresent(coordinator -> coordinator.show(view));
    }

    /** The driver's side, on the driver of a Spark context that has the plugin. */
    static Optional<Coordinator> coordinator() {
        return Optional.ofNullable(COORDINATOR.get());
    }

    /** The executor's side, on an executor of a Spark context that has the plugin. */
    static Optional<Messenger> messenger() {
        return Optional.ofNullable(MESSENGER.get());
    }
}
