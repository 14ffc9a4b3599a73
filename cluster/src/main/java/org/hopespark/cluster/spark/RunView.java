package org.hopespark.cluster.spark;

import java.util.Map;
import java.util.function.DoubleSupplier;

/** What a run shows of itself on the driver: figures for Spark's metrics system and a page for its web interface. */
public interface RunView {

    /** Figures by name, such as {@code loss} or {@code level-2.bytes-sent}; NaN where one is not known (yet). */
    Map<String, DoubleSupplier> gauges();

    /** HTML of the page below its title, new at every call. */
    String page();
}
