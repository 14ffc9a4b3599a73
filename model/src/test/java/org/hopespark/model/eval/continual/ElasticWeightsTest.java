package org.hopespark.model.eval.continual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.LevelGradient;
import org.hopespark.model.Network;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.Request;
import org.hopespark.model.eval.TokenLanguageModel;
import org.junit.jupiter.api.Test;

/** Fisher information and penalty in float64 against differences of log-likelihoods that are found another way. */
final class ElasticWeightsTest {
    private static final double LAMBDA = 7;
    private static final double H = 1e-6;
    private static final int SAMPLED = 211;

    private final RunConfig config = Toy.config();
    private final LabelledTexts texts = Toy.texts();
    private final Prompts prompts = new Prompts(Toy.encoder(), texts.labels(), 64);

    @Test
    void fisherIsTheMeanOfEachTextsSquaredGradient() {
        List<Example> examples = texts.train().subList(0, 3);
        try (Network network = new Network(config, ElementType.FLOAT64, -1)) {
            ElasticWeights ewc = ewc(network);
            ewc.consolidate(examples);
            double largest = 0;
            for (Level level : config.schedule().levels()) {
                FlatBuffer theta = network.levels().values(level);
                for (long i = 0; i < theta.elements(); i += SAMPLED) {
                    double expected = 0;
                    for (Example example : examples) {
                        double slope = (logLikelihood(network, theta, i, H, example)
                                        - logLikelihood(network, theta, i, -H, example))
                                / (2 * H);
                        expected += slope * slope / examples.size();
                    }
                    largest = Math.max(largest, expected);
                    assertThat(ewc.fisher(level).get(i))
                            .as(level + " " + i)
                            .isCloseTo(expected, within(1e-6 * (1e-3 + expected)));
                }
            }
            assertThat(largest).isGreaterThan(1e-3);
        }
    }

    @Test
    void thePenaltysGradientIsThatOfTheSquaredDistanceFromTheLastTask() {
        try (Network network = new Network(config, ElementType.FLOAT64, -1)) {
            ElasticWeights ewc = ewc(network);
            ewc.consolidate(texts.train().subList(0, 3));
            List<double[]> anchors = new ArrayList<>();
            Random random = new Random(2);
            for (Level level : config.schedule().levels()) {
                FlatBuffer theta = network.levels().values(level);
                double[] anchor = new double[(int) theta.elements()];
                for (int i = 0; i < anchor.length; i++) {
                    anchor[i] = theta.get(i);
                    theta.put(i, anchor[i] + 0.1 * random.nextGaussian());
                }
                anchors.add(anchor);
            }
            for (int l = 0; l < anchors.size(); l++) {
                Level level = config.schedule().levels().get(l);
                LevelGradient gradient = network.levels().gradient(level);
                gradient.clear();
                ewc.addPenalty(gradient);
                FlatBuffer theta = network.levels().values(level);
                for (int i = 0; i < theta.elements(); i++) {
                    double f = ewc.fisher(level).get(i);
                    double above = theta.get(i) + H - anchors.get(l)[i];
                    double below = theta.get(i) - H - anchors.get(l)[i];
                    double expected = LAMBDA * f * (above * above - below * below) / (2 * H);
                    assertThat(gradient.values().get(i)).isCloseTo(expected, within(1e-8 * (1 + Math.abs(expected))));
                }
            }
        }
    }

    @Test
    void aStrongerPenaltyKeepsWhatTheFirstTaskNeedsNearerToWhereItWas() {
        double free = weightedDistance(0);
        assertThat(free).isGreaterThan(1e-3);
        assertThat(weightedDistance(1000)).isLessThan(0.1 * free);
    }

    /** sum_i F_i (theta_i - theta*_i)^2 after a second task, F and theta* of the first. */
    private double weightedDistance(double lambda) {
        ContinualSettings settings = Toy.settings(Method.EWC, 4, lambda, 1);
        List<ClassStream.Stage> stages = ClassStream.of(texts, settings).stages();
        try (Network network = new Network(config, ElementType.FLOAT64, -1)) {
            FineTuning tuning = new FineTuning(config, network, prompts, settings, new Progress("test", 1));
            ElasticWeights ewc = new ElasticWeights(tuning, settings.batch(), lambda);
            ewc.learn(stages.get(0));
            Level level = config.schedule().levels().get(0);
            double[] anchor = copy(network.levels().values(level));
            double[] fisher = copy(ewc.fisher(level));
            ewc.learn(stages.get(1));
            double[] now = copy(network.levels().values(level));
            double sum = 0;
            for (int i = 0; i < now.length; i++) {
                sum += fisher[i] * (now[i] - anchor[i]) * (now[i] - anchor[i]);
            }
            return sum;
        }
    }

    private static double[] copy(FlatBuffer values) {
        double[] result = new double[(int) values.elements()];
        for (int i = 0; i < result.length; i++) {
            result[i] = values.get(i);
        }
        return result;
    }

    @Test
    void theFirstTaskHasNoPenalty() {
        try (Network network = new Network(config, ElementType.FLOAT64, -1)) {
            LevelGradient gradient =
                    network.levels().gradient(config.schedule().levels().get(0));
            gradient.values().put(0, 3);
            ewc(network).addPenalty(gradient);
            assertThat(gradient.values().get(0)).isEqualTo(3);
        }
    }

    @Test
    void fisherOfTasksAddsUp() {
        try (Network network = new Network(config, ElementType.FLOAT64, -1)) {
            Level level = config.schedule().levels().get(0);
            ElasticWeights once = ewc(network);
            once.consolidate(texts.train().subList(0, 3));
            ElasticWeights twice = ewc(network);
            twice.consolidate(texts.train().subList(0, 3));
            twice.consolidate(texts.train().subList(0, 3));
            for (long i = 0; i < twice.fisher(level).elements(); i++) {
                assertThat(twice.fisher(level).get(i))
                        .isCloseTo(2 * once.fisher(level).get(i), within(1e-12));
            }
        }
    }

    private ElasticWeights ewc(Network network) {
        FineTuning tuning = new FineTuning(config, network, prompts, Toy.settings(Method.EWC), new Progress("test", 1));
        return new ElasticWeights(tuning, 8, LAMBDA);
    }

    private double logLikelihood(Network network, FlatBuffer theta, long place, double change, Example example) {
        double before = theta.get(place);
        theta.put(place, before + change);
        double result = new TokenLanguageModel(Toy.encoder(), Toy.scorer(network), EvaluationSettings.DEFAULT)
                .continuations(List.of(new Request(Prompts.question(example), prompts.answer(example.label()))))
                .get(0)
                .logLikelihood();
        theta.put(place, before);
        return result;
    }
}
