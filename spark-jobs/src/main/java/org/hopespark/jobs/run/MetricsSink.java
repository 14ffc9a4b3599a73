package org.hopespark.jobs.run;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Takes the lines of a run's metrics as they come, on the driver. */
@FunctionalInterface
public interface MetricsSink {
    void add(ObjectNode line);
}
