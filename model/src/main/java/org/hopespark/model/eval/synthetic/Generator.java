package org.hopespark.model.eval.synthetic;

import java.util.SplittableRandom;
import org.hopespark.model.TokenBatch;

/** Draws examples: inputs, and a target or {@link TokenBatch#NO_TARGET} at every position. */
@FunctionalInterface
public interface Generator {
    /** The next example. */
    TokenBatch.Sequence draw(SplittableRandom random);

    /** An example that is one document. */
    static TokenBatch.Sequence example(long[] inputs, long[] targets) {
        return new TokenBatch.Sequence(inputs, targets, new int[0]);
    }
}
