package org.hopespark.jobs.run;

/** Takes the events of a run as they come, on the driver. */
@FunctionalInterface
public interface MetricsSink {
    void add(RunEvent event);
}
