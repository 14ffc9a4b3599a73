package org.hopespark.model.eval.synthetic;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.hopespark.model.TokenBatch;

/**
 * One task that a model is trained for from scratch.
 *
 * @param name with its setting after {@code @}, as in {@code s5@16}
 * @param version changes when examples or scores are made otherwise
 * @param vocabularySize ids of inputs and labels together
 * @param labels how many different targets there are; guessing one of them is the chance level
 * @param output what the model predicts at each position
 * @param metric how answers are scored
 * @param train what training examples are drawn from
 * @param tests what is scored, each on its own
 * @param hope what Nested Learning reports of Hope, by the name of the test's part, in 0..1; of MAD, the mean over the
 *     baseline and all variations of the task
 */
public record SyntheticTask(
        String name,
        int version,
        int vocabularySize,
        int labels,
        Output output,
        Metric metric,
        List<Part> train,
        List<Part> tests,
        Map<String, Double> hope) {
    /** What a model predicts at each position. */
    public enum Output {
        /** The target, from the tokens up to there. */
        CAUSAL,
        /** The target, from the state after the last token. */
        AUTO_ENCODER
    }

    public SyntheticTask {
        train = List.copyOf(train);
        tests = List.copyOf(tests);
        hope = Map.copyOf(hope);
    }

    /** The name without its setting, which all variations of a task share. */
    public String base() {
        return name.contains("@") ? name.substring(0, name.indexOf('@')) : name;
    }

    /** Tokens of the longest example. */
    public int contextTokens() {
        return Stream.concat(train.stream(), tests.stream())
                .mapToInt(Part::longest)
                .max()
                .orElseThrow();
    }

    /** Training examples of the published set. */
    public int trainExamples() {
        return train.stream().mapToInt(Part::count).sum();
    }

    /** The training examples, their kinds in the same mixture whatever the limit; 0 for no limit. */
    List<TokenBatch.Sequence> trainExamples(long seed, int limit) {
        List<TokenBatch.Sequence> examples = new ArrayList<>();
        double share = limit == 0 ? 1 : Math.min(1, (double) limit / trainExamples());
        for (Part part : train) {
            examples.addAll(part.examples("train", seed, Math.max(1, (int) Math.round(part.count() * share))));
        }
        return examples;
    }
}
