package org.hopespark.model.eval.continual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Network;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.TokenLanguageModel;
import org.junit.jupiter.api.Test;

final class DistillationTest {
    /** What the model says of the earlier labels on the texts of a new task, and how well it has learned that task. */
    private record Learned(double divergence, double likelihood) {}

    @Test
    void whatWasSaidOfEarlierLabelsStaysWhileTheNewOnesAreLearned() {
        Learned without = learned(0);
        Learned with = learned(4);
        assertThat(with.divergence()).isLessThan(without.divergence() / 4);
        assertThat(with.likelihood()).isCloseTo(without.likelihood(), within(0.1));
    }

    private static Learned learned(double alpha) {
        ContinualSettings settings = Toy.settings(Method.LWF, 10, 100, alpha);
        RunConfig config = Toy.config();
        LabelledTexts texts = Toy.texts();
        Progress progress = new Progress("test", 1);
        try (Network network = new Network(config)) {
            Prompts prompts = new Prompts(Toy.encoder(), texts.labels(), 64);
            LabelScores scores = new LabelScores(
                    new TokenLanguageModel(Toy.encoder(), Toy.scorer(network), EvaluationSettings.DEFAULT),
                    prompts,
                    progress);
            Distillation learner = new Distillation(
                    new FineTuning(config, network, prompts, settings, progress), settings.batch(), alpha, scores);
            List<ClassStream.Stage> stages = ClassStream.of(texts, settings).stages();
            learner.learn(stages.get(0));
            List<Example> asked = stages.get(1).test();
            List<double[]> before = learner.distributions(asked);
            List<Integer> earlier = new ArrayList<>(stages.get(0).classes());
            learner.learn(stages.get(1));
            double divergence = 0;
            double likelihood = 0;
            for (int i = 0; i < asked.size(); i++) {
                List<String> question = List.of(Prompts.question(asked.get(i)));
                double[] now =
                        Distillation.softened(scores.of(question, earlier).get(0));
                for (int k = 0; k < now.length; k++) {
                    divergence += before.get(i)[k] * Math.log(before.get(i)[k] / now[k]) / asked.size();
                }
                likelihood += scores.of(question, List.of(asked.get(i).label()))
                                .get(0)
                                .get(0)
                                .logLikelihood()
                        / asked.size();
            }
            return new Learned(divergence, likelihood);
        }
    }
}
