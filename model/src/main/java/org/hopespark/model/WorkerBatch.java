package org.hopespark.model;

import java.util.List;

/**
 * One worker's part of the global batch of a step.
 *
 * @param microBatches what goes through the network at once, one after the other
 */
public record WorkerBatch(List<TokenBatch> microBatches) {
    public WorkerBatch {
        microBatches = List.copyOf(microBatches);
    }

    /** Number of targets that count. */
    public long targetCount() {
        return microBatches.stream().mapToLong(TokenBatch::targetCount).sum();
    }
}
