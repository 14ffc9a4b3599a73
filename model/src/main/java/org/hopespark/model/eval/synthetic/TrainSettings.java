package org.hopespark.model.eval.synthetic;

import java.io.Serializable;
import java.util.List;

/**
 * How a model is trained for a task. Every learning rate with every weight decay and every seed is one run; the one
 * with the best validation is scored.
 *
 * @param epochs times that the training examples are gone through
 * @param maxSteps optimizer steps at most; 0 for as many as the epochs take
 * @param batchSequences sequences of a batch
 * @param learningRates peaks, after which a cosine falls
 * @param weightDecays of matrices
 * @param seeds of initialisation and order
 * @param dataSeed of the examples
 * @param trainExamples how many at most; 0 for as many as were published
 * @param testExamples how many of each part at most; 0 for as many as were published
 * @param validationExamples of each part, drawn for the purpose
 * @param stopAt mean validation in 0..1 at which a run ends and no further one begins
 */
public record TrainSettings(
        int epochs,
        long maxSteps,
        int batchSequences,
        List<Double> learningRates,
        List<Double> weightDecays,
        List<Long> seeds,
        long dataSeed,
        int trainExamples,
        int testExamples,
        int validationExamples,
        double stopAt)
        implements Serializable {
    /** Minutes on a core for the formal languages, with a model of one block. */
    public static final TrainSettings DEFAULT =
            new TrainSettings(20, 2400, 16, List.of(2e-2, 2e-3), List.of(0.0), List.of(1L), 1, 0, 0, 100, 1.0);

    public TrainSettings {
        learningRates = List.copyOf(learningRates);
        weightDecays = List.copyOf(weightDecays);
        seeds = List.copyOf(seeds);
        if (learningRates.isEmpty() || weightDecays.isEmpty() || seeds.isEmpty()) {
            throw new IllegalArgumentException("learning-rates, weight-decays and seeds need at least one value each");
        }
        check("epochs", epochs, 1);
        check("max-steps", maxSteps, 0);
        check("batch-sequences", batchSequences, 1);
        check("train-examples", trainExamples, 0);
        check("test-examples", testExamples, 0);
        check("validation-examples", validationExamples, 1);
    }

    private static void check(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be >= " + least + ", got " + value);
        }
    }
}
