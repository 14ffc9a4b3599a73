package org.hopespark.data.shard;

/**
 * One training sequence.
 *
 * @param tokens S+1 ids; position j predicts {@code tokens[j]} from those before it
 * @param starts offsets below S at which a document starts, ascending
 * @param ends for each document segment in the row the offset just past its last id; one more than {@code starts} when
 *     the row begins inside a document
 */
@SuppressWarnings("ArrayRecordComponent") // carried from maker to user, never compared
public record PackedRow(int[] tokens, int[] starts, int[] ends) {

    /** Number of segments. */
    public int segments() {
        return ends.length;
    }

    /** Offset of the first id of a segment. */
    public int begin(int segment) {
        int continued = ends.length - starts.length;
        return segment < continued ? 0 : starts[segment - continued];
    }

    /** Number of ids that are predicted from ids of their own document. */
    public int targets() {
        return realTokens() - segments();
    }

    /** Ids that are not padding. */
    int realTokens() {
        int real = 0;
        for (int segment = 0; segment < segments(); segment++) {
            real += ends[segment] - begin(segment);
        }
        return real;
    }

    /** Whether position j, from 0 to S, is a target; 0 never is. */
    public boolean[] targetMask() {
        boolean[] mask = new boolean[tokens.length];
        for (int segment = 0; segment < segments(); segment++) {
            for (int j = begin(segment) + 1; j < ends[segment]; j++) {
                mask[j] = true;
            }
        }
        return mask;
    }
}
