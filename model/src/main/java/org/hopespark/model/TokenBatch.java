package org.hopespark.model;

import java.util.List;

/**
 * Sequences for one pass through the network.
 *
 * @param sequences each of the same length T
 */
public record TokenBatch(List<Sequence> sequences) {

    /** A target that does not count. */
    public static final long NO_TARGET = -1;

    public TokenBatch {
        sequences = List.copyOf(sequences);
        if (sequences.isEmpty()) {
            throw new IllegalArgumentException("a batch needs at least one sequence");
        }
        for (Sequence sequence : sequences) {
            if (sequence.inputs.length != sequences.get(0).inputs.length) {
                throw new IllegalArgumentException("sequences of a batch have one length, found "
                        + sequence.inputs.length + " and " + sequences.get(0).inputs.length);
            }
        }
    }

    /**
     * One row of tokens.
     *
     * @param inputs T ids
     * @param targets T ids that follow the inputs, or {@link #NO_TARGET}
     * @param starts ascending offsets at which a document starts; offset 0 always counts as one
     */
    @SuppressWarnings("ArrayRecordComponent") // rows are read-only by convention, and copying every batch would cost
    public record Sequence(long[] inputs, long[] targets, int[] starts) {
        public Sequence {
            if (inputs.length != targets.length) {
                throw new IllegalArgumentException(
                        inputs.length + " inputs need as many targets, got " + targets.length);
            }
        }

        long targetCount() {
            long count = 0;
            for (long target : targets) {
                count += target >= 0 ? 1 : 0;
            }
            return count;
        }

        /** Tokens since the document's start, for every place. */
        long[] positions() {
            long[] positions = new long[inputs.length];
            long start = 0;
            int next = 0;
            for (int t = 0; t < positions.length; t++) {
                if (next < starts.length && starts[next] == t) {
                    start = t;
                    next++;
                }
                positions[t] = t - start;
            }
            return positions;
        }
    }

    /** T. */
    public int tokens() {
        return sequences.get(0).inputs.length;
    }

    /** Number of targets that count. */
    public long targetCount() {
        return sequences.stream().mapToLong(Sequence::targetCount).sum();
    }
}
