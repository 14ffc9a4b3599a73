package org.hopespark.model.eval.continual;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hopespark.conf.Level;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.LevelGradient;

/**
 * Elastic weight consolidation (Kirkpatrick et al. 2017): the loss is
 *
 * <pre>L + lambda * sum_i F_i (theta_i - theta*_i)^2</pre>
 *
 * <p>without a factor 1/2, so that a lambda of a paper with lambda / 2 is twice ours. theta* are the parameters after
 * the last task. F is the sum over the tasks of the diagonal of the empirical Fisher information: the mean over the
 * task's training texts, each on its own, of the squared gradient of log p(label | text), with the label that the text
 * has. (The mean over batches of a batch's squared gradient, as some libraries take it, is too small.)
 */
final class ElasticWeights implements Learner {
    private final FineTuning tuning;
    private final int batch;
    private final double lambda;
    private final Map<Level, FlatBuffer> fisher = new HashMap<>();
    private final Map<Level, FlatBuffer> anchor = new HashMap<>();

    ElasticWeights(FineTuning tuning, int batch, double lambda) {
        this.tuning = tuning;
        this.batch = batch;
        this.lambda = lambda;
    }

    @Override
    public void learn(ClassStream.Stage stage) {
        tuning.epochs(stage.train(), batch, examples -> {
            tuning.add(examples, 1.0 / examples.size());
            tuning.update(this::addPenalty);
        });
        consolidate(stage.train());
    }

    /** Adds 2 lambda F (theta - theta*). */
    void addPenalty(LevelGradient gradient) {
        if (anchor.isEmpty()) {
            return;
        }
        FlatBuffer values = gradient.values();
        FlatBuffer now = tuning.network().levels().values(gradient.level());
        FlatBuffer before = requireNonNull(anchor.get(gradient.level()));
        FlatBuffer weight = fisher(gradient.level());
        for (long i = 0; i < values.elements(); i++) {
            values.put(i, values.get(i) + 2 * lambda * weight.get(i) * (now.get(i) - before.get(i)));
        }
        gradient.changed();
    }

    /** The Fisher information so far, laid out as the level's gradient. */
    FlatBuffer fisher(Level level) {
        return requireNonNull(fisher.get(level));
    }

    void consolidate(List<Example> examples) {
        for (Level level : tuning.levels()) {
            FlatBuffer now = tuning.network().levels().values(level);
            fisher.computeIfAbsent(level, l -> FlatBuffer.allocate(now.type(), now.elements()));
            anchor.computeIfAbsent(level, l -> FlatBuffer.allocate(now.type(), now.elements()))
                    .copy(now);
        }
        for (Example example : examples) {
            tuning.add(List.of(example), 1);
            for (Level level : tuning.levels()) {
                LevelGradient gradient = tuning.network().levels().gradient(level);
                FlatBuffer values = gradient.values();
                FlatBuffer sum = fisher(level);
                for (long i = 0; i < values.elements(); i++) {
                    sum.put(i, sum.get(i) + values.get(i) * values.get(i) / examples.size());
                }
                gradient.clear();
            }
        }
    }
}
