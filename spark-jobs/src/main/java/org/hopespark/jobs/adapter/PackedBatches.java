package org.hopespark.jobs.adapter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hopespark.data.TokenBatches;
import org.hopespark.data.shard.PackedRow;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.TrainingLoop;
import org.hopespark.model.WorkerBatch;

/** Joins the data set to the network: a worker's rows of a step as micro-batches. */
public final class PackedBatches implements TrainingLoop.Batches {
    private final TokenBatches batches;
    private final TokenBatches.Slots slots;
    private final int microBatchSequences;

    /**
     * The batches of one worker.
     *
     * @param slots which rows of a step are this worker's
     * @param microBatchSequences rows that go through the network at once
     */
    public PackedBatches(TokenBatches batches, TokenBatches.Slots slots, int microBatchSequences) {
        this.batches = batches;
        this.slots = slots;
        this.microBatchSequences = microBatchSequences;
    }

    @Override
    public WorkerBatch at(long step) {
        List<TokenBatch.Sequence> sequences = batches.rows(step, slots.from(), slots.to()).stream()
                .map(PackedBatches::sequence)
                .toList();
        List<TokenBatch> parts = new ArrayList<>();
        for (int from = 0; from < sequences.size(); from += microBatchSequences) {
            parts.add(new TokenBatch(sequences.subList(from, Math.min(sequences.size(), from + microBatchSequences))));
        }
        return new WorkerBatch(parts);
    }

    /** A row of S+1 ids as S inputs and the S ids that follow them; padding and document starts are no targets. */
    public static TokenBatch.Sequence sequence(PackedRow row) {
        int tokens = row.tokens().length - 1;
        boolean[] mask = row.targetMask();
        long[] inputs = new long[tokens];
        long[] targets = new long[tokens];
        for (int t = 0; t < tokens; t++) {
            inputs[t] = row.tokens()[t];
            targets[t] = mask[t + 1] ? row.tokens()[t + 1] : TokenBatch.NO_TARGET;
        }
        int[] starts =
                Arrays.stream(row.starts()).filter(start -> start < tokens).toArray();
        return new TokenBatch.Sequence(inputs, targets, starts);
    }
}
