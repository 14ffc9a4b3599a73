package org.hopespark.cluster.spark;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;

/** Gives what a run shows to Spark: its figures as gauges, its page as a tab. */
final class RunDisplay {
    private static final String RUNS = "runs";

    private final AtomicReference<@Nullable RunView> current = new AtomicReference<>();
    private long runs;
    private @Nullable MetricRegistry registry;
    private @Nullable SparkContext context;
    private boolean hasTab;

    /** Asking Spark for its context later would make another one. */
    synchronized void start(SparkContext spark) {
        context = spark;
    }

    /** Spark takes the registry only if there is something in it now, and follows it from then on. */
    synchronized void registerMetrics(MetricRegistry metrics) {
        registry = metrics;
        metrics.register(RUNS, (Gauge<Long>) this::runs);
    }

    /** Replaces what is shown. */
    synchronized void show(RunView view) {
        if (current.getAndSet(view) != view) {
            runs++;
        }
        MetricRegistry metrics = registry;
        if (metrics != null) {
            metrics.removeMatching((name, metric) -> !name.equals(RUNS));
            view.gauges().forEach((name, figure) -> metrics.register(name, (Gauge<Double>) figure::getAsDouble));
        }
        if (!hasTab && context != null) {
            hasTab = true;
            ScalaApi.ui(context).ifPresent(ui -> ui.attachTab(new RunTab(ui, this::page)));
        }
    }

    private String page() {
        RunView view = current.get();
        return view == null ? "" : view.page();
    }

    private synchronized long runs() {
        return runs;
    }
}
