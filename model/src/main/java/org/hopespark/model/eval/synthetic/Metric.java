package org.hopespark.model.eval.synthetic;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.eval.Measurement;

/** How answers become numbers; the first one is what runs are compared by. */
public enum Metric {
    /** A string counts only if all of its positions are right. */
    SEQUENCE {
        @Override
        List<Measurement> of(List<Answer> answers, int labels) {
            return List.of(sequenceAccuracy(answers, labels));
        }
    },
    /** The share of positions that are right, and of sequences that are. */
    TOKEN_AND_SEQUENCE {
        @Override
        List<Measurement> of(List<Answer> answers, int labels) {
            double[] shares = answers.stream().mapToDouble(Answer::share).toArray();
            return List.of(Measurement.mean("token_accuracy", shares, 1.0 / labels), sequenceAccuracy(answers, labels));
        }
    },
    /** Accuracy between chance, which is 0, and all right, which is 1: (accuracy - chance) / (1 - chance). */
    SCALED {
        @Override
        List<Measurement> of(List<Answer> answers, int labels) {
            double chance = 1.0 / labels;
            double[] shares = answers.stream().mapToDouble(Answer::share).toArray();
            double[] scaled = answers.stream()
                    .mapToDouble(answer -> (answer.share() - chance) / (1 - chance))
                    .toArray();
            return List.of(
                    Measurement.mean("scaled_accuracy", scaled, 0), Measurement.mean("accuracy", shares, chance));
        }
    },
    /** The share of targets that are right; its error is that of independent sequences of as many targets each. */
    TOKEN {
        @Override
        List<Measurement> of(List<Answer> answers, int labels) {
            double[] shares = answers.stream().mapToDouble(Answer::share).toArray();
            return List.of(Measurement.mean("accuracy", shares, 1.0 / labels));
        }
    },
    /**
     * The mean over classes of the share that is right among a class's targets. Classes that are never a target do not
     * count; torchmetrics counts such a one, as 0, where it was predicted. The error is that of independent targets.
     */
    MACRO {
        @Override
        List<Measurement> of(List<Answer> answers, int labels) {
            Map<Long, long[]> rightAndAll = new TreeMap<>();
            for (Answer answer : answers) {
                for (int t = 0; t < answer.targets().length; t++) {
                    if (answer.targets()[t] != TokenBatch.NO_TARGET) {
                        long[] counts = rightAndAll.computeIfAbsent(answer.targets()[t], target -> new long[2]);
                        counts[0] += answer.right()[t] ? 1 : 0;
                        counts[1]++;
                    }
                }
            }
            double mean = 0;
            double variance = 0;
            for (long[] counts : rightAndAll.values()) {
                double share = (double) counts[0] / counts[1];
                mean += share / rightAndAll.size();
                variance += share * (1 - share) / counts[1];
            }
            return List.of(new Measurement(
                    "macro_accuracy",
                    "",
                    mean,
                    Math.sqrt(variance) / rightAndAll.size(),
                    answers.size(),
                    1.0 / labels));
        }
    };

    /**
     * Takes the numbers.
     *
     * @param answers at least one, each with a target
     * @param labels how many different targets there are
     */
    abstract List<Measurement> of(List<Answer> answers, int labels);

    private static Measurement sequenceAccuracy(List<Answer> answers, int labels) {
        double chance = answers.stream()
                .mapToDouble(answer -> Math.pow(labels, -answer.count()))
                .average()
                .orElseThrow();
        double[] all = answers.stream()
                .mapToDouble(answer -> answer.allRight() ? 1 : 0)
                .toArray();
        return Measurement.mean("sequence_accuracy", all, chance);
    }
}
