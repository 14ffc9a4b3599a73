package org.hopespark.model.eval.synthetic;

import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.hopespark.model.TokenBatch;

/**
 * Examples of one kind: those of training, or a part of the test that is reported on its own.
 *
 * @param name such as {@code bin=1}; empty where there is only one
 * @param count examples of the published set
 * @param longest tokens of the longest example
 * @param repeats whether one input may come twice
 * @param generator of the examples
 */
public record Part(String name, int count, int longest, Repeats repeats, Generator generator) {
    /** Whether one input may come twice. */
    public enum Repeats {
        ALLOWED,
        NONE
    }

    Part(String name, int count, int longest, Generator generator) {
        this(name, count, longest, Repeats.ALLOWED, generator);
    }

    /**
     * The same examples for the same arguments.
     *
     * @param use such as {@code test}; another use draws other examples
     * @param limit how many at most; 0 for all
     */
    List<TokenBatch.Sequence> examples(String use, long seed, int limit) {
        SplittableRandom random = new SplittableRandom(31 * seed + (use + ':' + name).hashCode());
        int n = limit == 0 ? count : Math.min(limit, count);
        List<TokenBatch.Sequence> examples = new ArrayList<>();
        Set<LongBuffer> seen = new HashSet<>();
        while (examples.size() < n) {
            TokenBatch.Sequence example = generator.draw(random);
            if (repeats == Repeats.ALLOWED || seen.add(LongBuffer.wrap(example.inputs()))) {
                examples.add(example);
            }
        }
        return examples;
    }
}
