package org.hopespark.jobs.pretrain;

import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.TrainingConfig;
import org.hopespark.conf.UserException;
import org.hopespark.data.DataSet;

/**
 * A run's settings. What its data set and its budget decide stands above the preset, but below what the configuration
 * or {@code --set} says; the number of steps alone is that of the budget, whatever the configuration says.
 *
 * @param place configuration or preset
 * @param overrides {@code --set} texts
 * @param data what is trained on
 */
public record FittedSettings(String place, List<String> overrides, DataSet data) {
    private static final String STEPS = "training.steps";
    private static final int EVALUATIONS = 10;
    private static final int WARM_UP_SHARE = 10;

    /** For a run without a budget. */
    public RunConfig unbounded() {
        return RunConfig.read(place, ofData(), overrides);
    }

    /** For as many steps as read this many tokens, the last one whole. */
    public RunConfig forTokens(double tokens) {
        RunConfig config = unbounded();
        double batch =
                (double) config.training().batchSequences() * config.model().contextTokens();
        return forSteps((long) Math.max(1, Math.ceil(tokens / batch)));
    }

    /** For so many steps, warm-up and evaluations in proportion. */
    public RunConfig forSteps(long steps) {
        if (overrides.stream()
                .anyMatch(override -> override.split("=", 2)[0].strip().equals(STEPS))) {
            throw new UserException("a budget and --set " + STEPS + " exclude each other: give one of them");
        }
        List<String> fitted = new ArrayList<>(ofData());
        long warmUp = Math.min(defaults().warmupSteps(), Math.max(1, steps / WARM_UP_SHARE));
        fitted.add("training.warmup-steps=" + warmUp);
        if (data.manifest().validation().targetTokens() > 0) {
            fitted.add("evaluation.every-steps=" + Math.max(1, steps / EVALUATIONS));
        }
        List<String> above = new ArrayList<>(List.of(STEPS + "=" + steps));
        above.addAll(overrides);
        return RunConfig.read(place, fitted, above);
    }

    private List<String> ofData() {
        List<String> fitted = new ArrayList<>();
        fitted.add(
                "model.vocabulary-size=" + data.manifest().recipe().tokenizer().vocabularySize());
        fitted.add("model.context-tokens=" + data.sequenceTokens());
        long rows = data.manifest().training().rows();
        if (rows < defaults().batchSequences()) {
            long batch = Long.highestOneBit(Math.max(1, rows));
            fitted.add("training.batch-sequences=" + batch);
            fitted.add("training.micro-batch-sequences="
                    + Math.min(batch, defaults().microBatchSequences()));
        }
        return fitted;
    }

    private static TrainingConfig defaults() {
        return TrainingConfig.DEFAULT;
    }
}
