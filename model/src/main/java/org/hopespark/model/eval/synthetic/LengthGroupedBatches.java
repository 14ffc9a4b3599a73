package org.hopespark.model.eval.synthetic;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.TrainingLoop;
import org.hopespark.model.WorkerBatch;

/** Batches of examples of like lengths, so that short ones do not cost what long ones do; in a new order each epoch. */
final class LengthGroupedBatches implements TrainingLoop.Batches {
    private final List<TokenBatch.Sequence> examples;
    private final int batchSequences;
    private final long seed;
    private long epoch = -1;
    private List<List<TokenBatch.Sequence>> groups = List.of();

    LengthGroupedBatches(List<TokenBatch.Sequence> examples, int batchSequences, long seed) {
        this.examples = List.copyOf(examples);
        this.batchSequences = batchSequences;
        this.seed = seed;
    }

    /** Steps that it takes to see every example. */
    long stepsOfEpoch() {
        return (examples.size() + batchSequences - 1L) / batchSequences;
    }

    @Override
    public WorkerBatch at(long step) {
        long wanted = (step - 1) / stepsOfEpoch();
        if (wanted != epoch) {
            groups = groups(new Random(31 * seed + wanted));
            epoch = wanted;
        }
        return new WorkerBatch(Rows.batches(groups.get((int) ((step - 1) % stepsOfEpoch()))));
    }

    private List<List<TokenBatch.Sequence>> groups(Random random) {
        List<TokenBatch.Sequence> order = new ArrayList<>(examples);
        Collections.shuffle(order, random);
        order.sort(Comparator.comparingInt(example -> example.inputs().length));
        List<List<TokenBatch.Sequence>> result = new ArrayList<>();
        for (int from = 0; from < order.size(); from += batchSequences) {
            result.add(order.subList(from, Math.min(order.size(), from + batchSequences)));
        }
        Collections.shuffle(result, random);
        return result;
    }
}
