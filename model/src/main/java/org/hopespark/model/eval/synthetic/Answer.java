package org.hopespark.model.eval.synthetic;

import org.hopespark.model.TokenBatch;

/**
 * A model's answer to one example.
 *
 * @param targets as in the example
 * @param right at each position, whether the target was the model's first choice; of no meaning where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // a plain pair of columns
record Answer(long[] targets, boolean[] right) {
    Answer {
        if (targets.length != right.length) {
            throw new IllegalArgumentException(targets.length + " targets, but " + right.length + " answers");
        }
    }

    int count() {
        int count = 0;
        for (long target : targets) {
            count += target == TokenBatch.NO_TARGET ? 0 : 1;
        }
        return count;
    }

    int rightCount() {
        int count = 0;
        for (int t = 0; t < targets.length; t++) {
            count += targets[t] != TokenBatch.NO_TARGET && right[t] ? 1 : 0;
        }
        return count;
    }

    double share() {
        return (double) rightCount() / count();
    }

    boolean allRight() {
        return rightCount() == count();
    }
}
