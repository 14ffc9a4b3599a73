package org.hopespark.jobs.adapter;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.hopespark.data.DataSet;
import org.hopespark.data.shard.PackedRow;
import org.hopespark.model.Network;
import org.hopespark.model.TokenBatch;

/**
 * One worker's part of the held-out rows: row r is that of worker r modulo their number. All workers have the same
 * parameters, so that the sum over workers is what one of them alone would find.
 */
public final class HeldOutShare {
    public static final HeldOutShare NONE = new HeldOutShare(List.of());

    private final List<TokenBatch.Sequence> sequences;

    private HeldOutShare(List<TokenBatch.Sequence> sequences) {
        this.sequences = List.copyOf(sequences);
    }

    /**
     * Reads the rows once; they stay in memory.
     *
     * @param rows of all workers together, the first ones of the data set; 0 for all
     */
    public static HeldOutShare of(DataSet dataSet, int rows, int rank, int workers) {
        List<TokenBatch.Sequence> sequences = new ArrayList<>();
        Iterator<TokenBatch.Sequence> split = rows(dataSet, rows);
        for (int row = 0; split.hasNext(); row++) {
            TokenBatch.Sequence next = split.next();
            if (row % workers == rank) {
                sequences.add(next);
            }
        }
        return new HeldOutShare(sequences);
    }

    /** Goes through the rows once; the network stays as it is. */
    public Sums measure(Network network) {
        return sums(network, sequences.iterator());
    }

    /**
     * What rows give.
     *
     * @param loss sum over the targets of the negative log-likelihood, in nats
     * @param targets their number
     */
    public record Sums(double loss, long targets) {}

    /** Scores row by row. */
    public static Sums sums(Network network, Iterator<TokenBatch.Sequence> rows) {
        double loss = 0;
        long targets = 0;
        while (rows.hasNext()) {
            TokenBatch.Sequence sequence = rows.next();
            double[] scores = network.scores(new TokenBatch(List.of(sequence))).logProbabilities();
            for (int t = 0; t < scores.length; t++) {
                if (sequence.targets()[t] >= 0) {
                    loss -= scores[t];
                    targets++;
                }
            }
        }
        return new Sums(loss, targets);
    }

    /** The first held-out rows as they are read; 0 for all. */
    public static Iterator<TokenBatch.Sequence> rows(DataSet dataSet, int rows) {
        Stream<PackedRow> all = StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(dataSet.validationRows(), Spliterator.ORDERED), false);
        return (rows == 0 ? all : all.limit(rows)).map(PackedBatches::sequence).iterator();
    }
}
