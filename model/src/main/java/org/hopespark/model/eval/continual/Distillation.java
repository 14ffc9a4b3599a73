package org.hopespark.model.eval.continual;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hopespark.model.eval.Likelihood;

/**
 * Learning without forgetting (Li and Hoiem 2016), for labels that are texts: on the texts of a new task the model
 * keeps what it said of the labels of earlier tasks. The loss of a text has alpha KL(before || now) besides, of
 * softmaxes over the earlier labels of log p(label | text) / 2, temperature 2.
 *
 * <p>That term's gradient is that of alpha / 2 times the difference of two means of -log p(label | text), over labels
 * as the model chose them before and as it does now. Of each a label is drawn, both by one number, so that nothing is
 * added where the two agree.
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
        Map<Example, double[]> before = new HashMap<>();
        List<double[]> said = distributions(stage.train());
        for (int i = 0; i < said.size(); i++) {
            before.put(stage.train().get(i), said.get(i));
        }
        tuning.epochs(stage.train(), batch, examples -> {
            double weight = 1.0 / examples.size();
            tuning.add(examples, weight);
            keep(examples, before, alpha * weight / TEMPERATURE);
            tuning.update();
        });
        learned.addAll(stage.classes());
    }

    private void keep(List<Example> examples, Map<Example, double[]> before, double weight) {
        List<double[]> now = distributions(examples);
        List<Example> more = new ArrayList<>();
        List<Example> less = new ArrayList<>();
        for (int i = 0; i < now.size(); i++) {
            Example example = examples.get(i);
            double number = tuning.random().nextDouble();
            int then = draw(requireNonNull(before.get(example)), number);
            int today = draw(now.get(i), number);
            if (then != today) {
                more.add(new Example(example.text(), learned.get(then)));
                less.add(new Example(example.text(), learned.get(today)));
            }
        }
        if (!more.isEmpty()) {
            tuning.add(more, weight);
            tuning.add(less, -weight);
        }
    }

    /** What the model says of the earlier labels, for each text; nothing before the first task. */
    List<double[]> distributions(List<Example> examples) {
        return learned.isEmpty()
                ? List.of()
                : scores.of(examples.stream().map(Prompts::question).toList(), learned).stream()
                        .map(Distillation::softened)
                        .toList();
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

    /** The label at which the sum of the probabilities passes a number in [0, 1). */
    static int draw(double[] probabilities, double number) {
        double left = number;
        for (int i = 0; i < probabilities.length - 1; i++) {
            left -= probabilities[i];
            if (left < 0) {
                return i;
            }
        }
        return probabilities.length - 1;
    }
}
