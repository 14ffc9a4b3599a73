package org.hopespark.model.eval.continual;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.eval.TextEncoder;

/**
 * How a text and its class are written down: {@code Text: {text}\nLabel:}, then {@code {label}\n}.
 *
 * <p>The line end belongs to the answer, because without it a name that begins another one ("insurance", "insurance
 * change") would always be the likelier of both.
 */
final class Prompts {
    private final TextEncoder encoder;
    private final List<String> labels;
    private final int maxTokens;

    /**
     * Prompts for a model.
     *
     * @param labels names of the classes
     * @param maxTokens that the network is fed at once; of what is longer, the end is kept
     */
    Prompts(TextEncoder encoder, List<String> labels, int maxTokens) {
        this.encoder = encoder;
        this.labels = labels;
        this.maxTokens = maxTokens;
    }

    /** What the class is asked with; a line end inside of the text is a space. */
    static String question(Example example) {
        return "Text: " + example.text().strip().replaceAll("\\s+", " ") + "\nLabel:";
    }

    String answer(int label) {
        return " " + labels.get(label) + "\n";
    }

    int countTokens(String text) {
        return encoder.encode(text).length;
    }

    int maxTokens() {
        return maxTokens;
    }

    /** Rows whose targets are the tokens of the answers; filled up at the end to one length. */
    TokenBatch batch(List<Example> examples) {
        List<int[]> rows = new ArrayList<>();
        List<Integer> answers = new ArrayList<>();
        for (Example example : examples) {
            int[] ids = encoder.encode(question(example) + answer(example.label()));
            rows.add(Arrays.copyOfRange(ids, Math.max(0, ids.length - maxTokens - 1), ids.length));
            answers.add(ids.length - countTokens(question(example)));
        }
        int tokens = rows.stream().mapToInt(row -> row.length - 1).max().orElseThrow();
        List<TokenBatch.Sequence> sequences = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            sequences.add(sequence(rows.get(i), answers.get(i), tokens));
        }
        return new TokenBatch(sequences);
    }

    private static TokenBatch.Sequence sequence(int[] ids, int answer, int tokens) {
        long[] inputs = new long[tokens];
        long[] targets = new long[tokens];
        Arrays.fill(targets, TokenBatch.NO_TARGET);
        for (int t = 0; t < ids.length - 1; t++) {
            inputs[t] = ids[t];
            targets[t] = t + 1 < ids.length - answer ? TokenBatch.NO_TARGET : ids[t + 1];
        }
        return new TokenBatch.Sequence(inputs, targets, new int[0]);
    }
}
