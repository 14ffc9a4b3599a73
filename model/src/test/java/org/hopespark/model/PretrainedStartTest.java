package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Hope-Attention that starts from a Transformer++ is that Transformer++, until it learns. */
final class PretrainedStartTest {
    private static final String ATTENTION = "model.mixer=attention";
    private static final String SIDE_BY_SIDE = "model.continuum=independent";
    private static final String ONE_LEVEL = "levels=[{period-steps: 1, continuum-hidden: 24}]";
    private static final String THREE_LEVELS = "levels=[{period-steps: 1, continuum-hidden: 12},"
            + "{period-steps: 2, continuum-hidden: 4, learning-rate-factor: %s},"
            + "{period-steps: 4, continuum-hidden: 8, learning-rate-factor: %<s}]";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.continuum=sequential",
                // with a weight that is not 1
                "model.continuum=independent",
                "model.activation=gelu",
                // the MLP of a block is divided whatever the mixer is
                "model.mixer=titans"
            })
    void theStartedNetworkComputesWhatThePretrainedOneDoes(String setting) {
        RunConfig pretrained = Tiny.config(ATTENTION, ONE_LEVEL, setting);
        RunConfig config = Tiny.config(ATTENTION, setting, SIDE_BY_SIDE, THREE_LEVELS.formatted("1"));
        try (Network source = Tiny.shaken(pretrained);
                Network network = Tiny.shaken(config)) {
            int[] ids = new Random(4).ints(13, 0, Tiny.VOCABULARY).toArray();
            double[] expected = source.inference().logits(ids);
            assertThat(largestDifference(network.inference().logits(ids), expected))
                    .isGreaterThan(0.1);
            start(source, network);
            assertThat(network.inference().logits(ids)).containsExactly(expected, within(1e-12));
        }
    }

    @Test
    void levelsThatDoNotMoveKeepThePretrainedNetworkWhileAFastOneLearns() {
        RunConfig config = Tiny.config(ATTENTION, SIDE_BY_SIDE, THREE_LEVELS.formatted("0"));
        RunConfig still = Tiny.config(
                ATTENTION, SIDE_BY_SIDE, THREE_LEVELS.formatted("0").replace("12}", "12, learning-rate-factor: 0}"));
        int[] ids = {1, 5, 22, 0, 7, 7, 3};
        try (Network source = Tiny.shaken(Tiny.config(ATTENTION, ONE_LEVEL));
                Network learning = new Network(config, ElementType.FLOAT64, -1);
                Network resting = new Network(still, ElementType.FLOAT64, -1)) {
            start(source, learning);
            start(source, resting);
            assertThat(learning.levels().digests()).isEqualTo(resting.levels().digests());

            Tiny.train(config, learning, 8);
            Tiny.train(still, resting, 8);

            assertThat(resting.inference().logits(ids))
                    .containsExactly(source.inference().logits(ids), within(1e-12));
            assertThat(largestDifference(
                            learning.inference().logits(ids), source.inference().logits(ids)))
                    .isGreaterThan(1e-3);
            long[] moved = learning.levels().digests();
            long[] kept = resting.levels().digests();
            assertThat(moved[0]).isNotEqualTo(kept[0]);
            assertThat(Arrays.copyOfRange(moved, 1, 3)).isEqualTo(Arrays.copyOfRange(kept, 1, 3));
            for (Level level : config.schedule().levels()) {
                assertThat(learning.levels().drift(level)).as("%s", level).satisfies(drift -> {
                    if (level.index() == 1) {
                        assertThat(drift).isPositive();
                    } else {
                        assertThat(drift).isZero();
                    }
                });
            }
        }
    }

    @Test
    void equalArchitecturesShareEveryValue() {
        RunConfig config = Tiny.config("model.continuum=nested");
        try (Network source = Tiny.shaken(config);
                Network network = new Network(config, ElementType.FLOAT64, -1)) {
            assertThat(network.levels().digests()).isNotEqualTo(source.levels().digests());
            start(source, network);
            assertThat(network.levels().digests()).isEqualTo(source.levels().digests());
        }
    }

    @Test
    void unitsThatAreNotAsManyAreToldTensorByTensor() {
        List<String> problems = problems(
                Tiny.config(ATTENTION, SIDE_BY_SIDE, THREE_LEVELS.formatted("1").replace(": 8", ": 9")));
        assertThat(problems)
                .hasSize(6)
                .contains(
                        "tensor blocks.0.continuum.1.up has the shape [16, 24], the model of this run [16, 25], all"
                                + " levels together",
                        "tensor blocks.1.continuum.1.down has the shape [24, 16], the model of this run [25, 16], all"
                                + " levels together");
    }

    @Test
    void aChainIsNoSumAndTitansAreNoAttention() {
        assertThat(problems(Tiny.config(ATTENTION, THREE_LEVELS.formatted("1"))))
                .containsExactly("its blocks have one MLP, those of this run one a level: only with"
                        + " model.continuum=independent can it be divided among them");
        assertThat(problems(Tiny.config(SIDE_BY_SIDE, THREE_LEVELS.formatted("1"))))
                .hasSize(2 * 9)
                .allMatch(problem -> problem.matches("tensor blocks\\.[01]\\.mixer\\..* \\[.*] is missing"));
        assertThat(problems(Tiny.config(ATTENTION, ONE_LEVEL, "model.blocks=1")))
                .hasSize(7)
                .allMatch(problem -> problem.matches("tensor blocks\\.1\\..* is unknown to the model of this run"));
    }

    @Test
    void aHeadOfItsOwnStartsAsTheEmbeddingAndIsNotLost() {
        RunConfig tied = Tiny.config(ATTENTION);
        RunConfig untied = Tiny.config(ATTENTION, Ingredients.HEAD_OF_ITS_OWN);
        int[] ids = {1, 5, 22, 0};
        try (Network source = Tiny.shaken(tied);
                Network network = Tiny.shaken(untied)) {
            start(source, network);
            assertThat(network.inference().logits(ids))
                    .containsExactly(source.inference().logits(ids), within(1e-12));
            Tiny.train(untied, network, 2);
            Map<String, FlatBuffer> trained = Tiny.parameters(network);
            assertThat(Tiny.values(trained, "head")).isNotEqualTo(Tiny.values(trained, "embedding"));
        }
        assertThat(new PretrainedStart(shapes(Architecture.of(untied)), Architecture.of(tied)).problems())
                .containsExactly("tensor head is unknown to the model of this run: set model.tied-embeddings=false");
    }

    /** Different blocks as different levels, the other way to stack levels on a pre-trained network. */
    @Test
    void blocksOfOneMlpAreLevelsByTheirNames() {
        RunConfig pretrained = Tiny.config(ATTENTION, ONE_LEVEL);
        RunConfig config = Tiny.config(
                ATTENTION,
                "levels=[{period-steps: 1, continuum-hidden: 24},"
                        + "{period-steps: 4, parameters: ['blocks.1.continuum.*']}]");
        int[] ids = {1, 5, 22, 0, 7, 7, 3};
        try (Network source = Tiny.shaken(pretrained);
                Network network = new Network(config, ElementType.FLOAT64, -1)) {
            start(source, network);
            assertThat(network.inference().logits(ids))
                    .containsExactly(source.inference().logits(ids), within(1e-12));
            double[] slow = Tiny.values(Tiny.parameters(network), "blocks.1.continuum.1.up");
            double[] fast = Tiny.values(Tiny.parameters(network), "blocks.0.continuum.1.up");

            Tiny.train(config, network, 3);

            assertThat(Tiny.values(Tiny.parameters(network), "blocks.1.continuum.1.up"))
                    .isEqualTo(slow);
            assertThat(Tiny.values(Tiny.parameters(network), "blocks.0.continuum.1.up"))
                    .isNotEqualTo(fast);

            Tiny.train(config, network, 4);

            assertThat(Tiny.values(Tiny.parameters(network), "blocks.1.continuum.1.up"))
                    .isNotEqualTo(slow);
        }
    }

    private static List<String> problems(RunConfig config) {
        Architecture pretrained = Architecture.of(Tiny.config(ATTENTION, ONE_LEVEL));
        return new PretrainedStart(shapes(pretrained), Architecture.of(config)).problems();
    }

    private static Map<String, List<Long>> shapes(Architecture architecture) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        architecture.parameters().forEach(spec -> shapes.put(spec.name(), spec.shape()));
        return shapes;
    }

    /** As a file would be read: a byte stream of each tensor goes into its view. */
    private static void start(Network source, Network network) {
        PretrainedStart start = new PretrainedStart(shapes(source.architecture()), network.architecture());
        assertThat(start.problems()).isEmpty();
        Map<String, NamedTensor> pretrained = new LinkedHashMap<>();
        source.levels().parameters().forEach(tensor -> pretrained.put(tensor.name(), tensor));
        List<NamedTensor> views = start.views(network.levels().parameters());
        assertThat(views.stream().map(NamedTensor::name)).containsExactlyInAnyOrderElementsOf(pretrained.keySet());
        for (NamedTensor view : views) {
            NamedTensor from =
                    Stream.ofNullable(pretrained.get(view.name())).findFirst().orElseThrow();
            assertThat(view.shape()).isEqualTo(from.shape());
            view.data().copy(from.data());
        }
        start.spread(network.levels().parameters());
        network.levels().sectionsLoaded();
        network.levels().resetDrift();
    }

    private static double largestDifference(double[] a, double[] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
        return largest;
    }
}
