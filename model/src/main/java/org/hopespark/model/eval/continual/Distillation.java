package org.hopespark.model.eval.continual;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.hopespark.model.eval.Likelihood;

/**
 * Learning without forgetting (Li and Hoiem 2016), for labels that are texts: besides its own label, each new text is
 * learned with a label of an earlier task, with weight alpha. It is drawn, anew each time, from what the model said
 * before it learned the task: the softmax over the earlier labels of log p(label | text) / 2, temperature 2.
 *
 * <p>On average over the draws that is alpha times the cross entropy between this distribution and p(label | text),
 * which has the gradient of their Kullback-Leibler divergence. Unlike in the paper, the learning model's own
 * distribution has temperature 1, and is over all texts rather than over the earlier labels.
 */
final class Distillation implements Learner {
    private static final double TEMPERATURE = 2;

    private final FineTuning tuning;
    private final int batch;
    private final double alpha;
    private final LabelScores scores;
    private final List<Integer> learned = new ArrayList<>();

    Distillation(FineTuning tuning, int batch, double alpha, LabelScores scores) {
        this.tuning = tuning;
        this.batch = batch;
        this.alpha = alpha;
        this.scores = scores;
    }

    @Override
    public void learn(ClassStream.Stage stage) {
        Map<Example, double[]> before = distributions(stage.train());
        tuning.epochs(stage.train(), batch, examples -> {
            double weight = 1.0 / examples.size();
            tuning.add(examples, weight);
            if (!learned.isEmpty()) {
                tuning.add(
                        examples.stream()
                                .map(example -> earlier(example, before))
                                .toList(),
                        alpha * weight);
            }
            tuning.update();
        });
        learned.addAll(stage.classes());
    }

    private Map<Example, double[]> distributions(List<Example> examples) {
        Map<Example, double[]> result = new HashMap<>();
        if (!learned.isEmpty()) {
            List<List<Likelihood>> said =
                    scores.of(examples.stream().map(Prompts::question).toList(), learned);
            for (int i = 0; i < examples.size(); i++) {
                result.put(examples.get(i), softened(said.get(i)));
            }
        }
        return result;
    }

    private Example earlier(Example example, Map<Example, double[]> before) {
        int drawn = draw(before.getOrDefault(example, new double[] {1}), tuning.random());
        return new Example(example.text(), learned.get(drawn));
    }

    /** The softmax of log-likelihoods at {@link #TEMPERATURE}. */
    static double[] softened(List<Likelihood> said) {
        double most = said.stream().mapToDouble(Likelihood::logLikelihood).max().orElseThrow();
        double[] result = said.stream()
                .mapToDouble(each -> Math.exp((each.logLikelihood() - most) / TEMPERATURE))
                .toArray();
        double total = 0;
        for (double each : result) {
            total += each;
        }
        for (int i = 0; i < result.length; i++) {
            result[i] /= total;
        }
        return result;
    }

    static int draw(double[] probabilities, Random random) {
        double left = random.nextDouble();
        for (int i = 0; i < probabilities.length - 1; i++) {
            left -= probabilities[i];
            if (left < 0) {
                return i;
            }
        }
        return probabilities.length - 1;
    }
}
