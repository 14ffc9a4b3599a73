package org.hopespark.model.eval.synthetic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hopespark.model.TokenBatch;

/** Examples of several lengths as rows of batches; no token sees what fills them up behind it. */
final class Rows {
    /** What goes through the network at once, at most. */
    private static final int TOKENS_AT_ONCE = 16_384;

    private Rows() {}

    /** Batches of at most so many tokens, in the order of the examples. */
    static List<TokenBatch> batches(List<TokenBatch.Sequence> examples) {
        List<TokenBatch> batches = new ArrayList<>();
        List<TokenBatch.Sequence> open = new ArrayList<>();
        int longest = 0;
        for (TokenBatch.Sequence example : examples) {
            int length = Math.max(longest, example.inputs().length);
            if (!open.isEmpty() && (long) length * (open.size() + 1) > TOKENS_AT_ONCE) {
                batches.add(filledUp(open, longest));
                open.clear();
                length = example.inputs().length;
            }
            open.add(example);
            longest = length;
        }
        batches.add(filledUp(open, longest));
        return batches;
    }

    private static TokenBatch filledUp(List<TokenBatch.Sequence> examples, int tokens) {
        return new TokenBatch(examples.stream()
                .map(example -> {
                    int length = example.inputs().length;
                    long[] targets = Arrays.copyOf(example.targets(), tokens);
                    Arrays.fill(targets, length, tokens, TokenBatch.NO_TARGET);
                    return Generator.example(Arrays.copyOf(example.inputs(), tokens), targets);
                })
                .toList());
    }
}
