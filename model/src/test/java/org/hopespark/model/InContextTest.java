package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The last of two blocks learns in context: level 1 every 4 tokens, level 2 every 8. */
final class InContextTest {
    private static final double RATE = 0.7;
    private static final double CLIP = 0.05;
    private static final String EVERY_8_TOKENS =
            "levels=[{period-steps: 1, continuum-hidden: 12, in-context-tokens: 8},"
                    + " {period-steps: 2, continuum-hidden: 12, in-context-tokens: 8}]";

    private static RunConfig config(String... more) {
        List<String> settings = new ArrayList<>(List.of(
                "levels=[{period-steps: 1, continuum-hidden: 12, in-context-tokens: 4},"
                        + " {period-steps: 2, continuum-hidden: 12, in-context-tokens: 8}]",
                "model.in-context.blocks=1",
                "model.in-context.learning-rate=" + RATE,
                "model.in-context.clip-norm=" + CLIP));
        settings.addAll(List.of(more));
        return Tiny.config(settings.toArray(String[]::new));
    }

    /**
     * The same done by hand with networks that learn nothing in context: read 4 tokens, take the gradient of their
     * loss, move the MLPs of the last block, continue with the state of the mixers.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.mixer=titans",
                "model.mixer=attention",
                "model.continuum=independent",
                "model.pattern=[titans,{\"attention\":{\"window\":5}}]"
            })
    void stepsAreThoseOfGradientDescentOnTheLossOfTheWindow(String setting) {
        TokenBatch batch = Tiny.batch(5, 1, Tiny.TOKENS);
        try (Network network = Tiny.shaken(config(setting))) {
            double[] scores = network.scores(batch).logProbabilities();
            assertThat(scores).containsExactly(byHand(setting, batch), within(1e-10));
        }
        try (Network network = Tiny.shaken(Tiny.config(setting))) {
            double[] scores = network.scores(batch).logProbabilities();
            assertThat(Math.abs(scores[15] - byHand(setting, batch)[15])).isGreaterThan(1e-4);
        }
    }

    @Test
    void levelsOfEqualPeriodsAreClippedOneByOne() {
        TokenBatch batch = Tiny.batch(5, 1, Tiny.TOKENS);
        try (Network network = Tiny.shaken(config(EVERY_8_TOKENS))) {
            assertThat(network.scores(batch).logProbabilities())
                    .containsExactly(byHand("model.mixer=titans", batch, 8), within(1e-10));
        }
    }

    private static double[] byHand(String setting, TokenBatch batch) {
        return byHand(setting, batch, 4);
    }

    private static double[] byHand(String setting, TokenBatch batch, int fastTokens) {
        int[] ids = Arrays.stream(batch.sequences().get(0).inputs())
                .mapToInt(Math::toIntExact)
                .toArray();
        long[] targets = batch.sequences().get(0).targets();
        double[] scores = new double[Tiny.TOKENS];
        try (Network network = Tiny.shaken(Tiny.config(setting));
                InferenceState state = network.inference().begin()) {
            Window fast = new Window(1, fastTokens);
            Window slow = new Window(2, 8);
            for (int t = 0; t < Tiny.TOKENS; t++) {
                scores[t] = logProbability(network.inference().advance(state, ids[t]), targets[t]);
                if (t % 4 == 3) {
                    Map<String, double[]> gradient = gradientOf(network, batch, t - 3, t + 1);
                    fast.addAndStep(network, gradient, t + 1);
                    slow.addAndStep(network, gradient, t + 1);
                }
            }
        }
        return scores;
    }

    /**
     * Eq. 72: a level learns its own MLP and the initial state of the next faster one, which restarts when the level's
     * window closes.
     */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void nestedLevelsRestartFromWhatTheNextSlowerOneLearns(int levels) {
        int[] periods = Arrays.copyOf(new int[] {4, 8, 16}, levels);
        String plain = levels(periods, "");
        String learning = levels(periods, ", in-context-tokens: %d");
        TokenBatch batch = Tiny.batch(5, 1, 48);
        double[] expected = nestedByHand(batch, plain, periods);
        try (Network network = Tiny.shaken(config("model.continuum=nested", learning))) {
            assertThat(network.scores(batch).logProbabilities()).containsExactly(expected, within(1e-10));
        }
    }

    private static String levels(int[] periods, String more) {
        return Arrays.stream(periods)
                .mapToObj(p -> "{period-steps: " + p / 4 + ", continuum-hidden: 12" + more.formatted(p) + "}")
                .collect(Collectors.joining(", ", "levels=[", "]"));
    }

    private static double[] nestedByHand(TokenBatch batch, String levels, int... periods) {
        int[] ids = Arrays.stream(batch.sequences().get(0).inputs())
                .mapToInt(Math::toIntExact)
                .toArray();
        long[] targets = batch.sequences().get(0).targets();
        double[] scores = new double[ids.length];
        try (Network network = Tiny.shaken(Tiny.config("model.continuum=nested", levels));
                InferenceState state = network.inference().begin()) {
            Nested nested = new Nested(network, periods);
            for (int t = 0; t < ids.length; t++) {
                scores[t] = logProbability(network.inference().advance(state, ids[t]), targets[t]);
                if (t % periods[0] == periods[0] - 1) {
                    nested.close(gradientOf(network, batch, t + 1 - periods[0], t + 1), t + 1);
                }
            }
        }
        return scores;
    }

    /** Matrices of the last block, their initial states, and what their levels have summed up, all by name. */
    private static final class Nested {
        private final Network network;
        private final int[] periods;
        private final Map<String, double[]> initials = new LinkedHashMap<>();
        private final Map<String, double[]> sums = new LinkedHashMap<>();
        private final Map<String, double[]> initialSums = new LinkedHashMap<>();

        Nested(Network network, int... periods) {
            this.network = network;
            this.periods = periods;
            Tiny.parameters(network).forEach((name, tensor) -> {
                if (name.startsWith("blocks.1.continuum.") && !name.contains("norm") && !name.endsWith("initial")) {
                    initials.put(name, Tiny.values(tensor));
                    sums.put(name, new double[(int) tensor.elements()]);
                    initialSums.put(name, new double[(int) tensor.elements()]);
                }
            });
        }

        void close(Map<String, double[]> gradient, int token) {
            initials.keySet().forEach(name -> {
                double[] g = requireNonNull(gradient.get(name));
                add(requireNonNull(sums.get(name)), 1, g);
                add(requireNonNull(initialSums.get(name)), 1, g);
            });
            for (int level = 1; level <= periods.length; level++) {
                if (token % periods[level - 1] == 0) {
                    step(level, periods[level - 1]);
                }
            }
        }

        private void step(int level, int period) {
            List<String> own = named(level);
            List<String> faster = named(level - 1);
            double norm = 0;
            for (String name : own) {
                norm += squares(requireNonNull(sums.get(name)));
            }
            for (String name : faster) {
                norm += squares(requireNonNull(initialSums.get(name)));
            }
            double step = -RATE * Math.min(1, CLIP / (Math.sqrt(norm) / period)) / period;
            for (String name : own) {
                double[] value = Tiny.values(Tiny.parameters(network), name);
                add(value, step, requireNonNull(sums.get(name)));
                write(name, value);
                Arrays.fill(requireNonNull(sums.get(name)), 0);
            }
            for (String name : faster) {
                double[] value = requireNonNull(initials.get(name));
                add(value, step, requireNonNull(initialSums.get(name)));
                write(name, value);
                Arrays.fill(requireNonNull(initialSums.get(name)), 0);
            }
            network.levels().sectionsLoaded();
        }

        private List<String> named(int level) {
            return initials.keySet().stream()
                    .filter(name -> name.startsWith("blocks.1.continuum." + level + "."))
                    .toList();
        }

        private void write(String name, double[] value) {
            FlatBuffer tensor = requireNonNull(Tiny.parameters(network).get(name));
            for (int i = 0; i < value.length; i++) {
                Tiny.set(tensor, i, value[i]);
            }
        }

        private static void add(double[] to, double factor, double[] x) {
            Arrays.setAll(to, i -> to[i] + factor * x[i]);
        }

        private static double squares(double[] x) {
            return Arrays.stream(x).map(v -> v * v).sum();
        }
    }

    private static double logProbability(double[] logits, long id) {
        double sum = Arrays.stream(logits).map(Math::exp).sum();
        return logits[Math.toIntExact(id)] - Math.log(sum);
    }

    /**
     * Of the summed loss of some tokens, in the parameters as they are now. What the mixers remember of the tokens
     * before does not depend on the continuum memory of the last block, which comes behind them.
     */
    private static Map<String, double[]> gradientOf(Network network, TokenBatch batch, int from, int to) {
        TokenBatch.Sequence row = batch.sequences().get(0);
        long[] targets = Arrays.copyOf(row.targets(), to);
        Arrays.fill(targets, 0, from, TokenBatch.NO_TARGET);
        Map<String, double[]> gradients = new LinkedHashMap<>();
        Tiny.gradients(network).forEach((name, sum) -> gradients.put(name, Tiny.values(sum)));
        double unused = network.forwardBackward(
                new TokenBatch(
                        List.of(new TokenBatch.Sequence(Arrays.copyOf(row.inputs(), to), targets, row.starts()))),
                1);
        Tiny.gradients(network).forEach((name, sum) -> {
            double[] now = Tiny.values(sum);
            double[] gradient = requireNonNull(gradients.get(name));
            Arrays.setAll(gradient, i -> now[i] - gradient[i]);
        });
        return gradients;
    }

    /** Of one level. */
    private static final class Window {
        private final String names;
        private final int tokens;
        private final Map<String, double[]> sums = new LinkedHashMap<>();

        Window(int level, int tokens) {
            names = "blocks.1.continuum." + level + ".";
            this.tokens = tokens;
        }

        void addAndStep(Network network, Map<String, double[]> gradient, int token) {
            gradient.forEach((name, values) -> {
                if (name.startsWith(names) && !name.endsWith("norm")) {
                    double[] sum = sums.computeIfAbsent(name, any -> new double[values.length]);
                    Arrays.setAll(sum, i -> sum[i] + values[i] / tokens);
                }
            });
            if (token % tokens == 0) {
                double norm = Math.sqrt(sums.values().stream()
                        .flatMapToDouble(Arrays::stream)
                        .map(g -> g * g)
                        .sum());
                sums.forEach((name, mean) -> {
                    FlatBuffer tensor = requireNonNull(Tiny.parameters(network).get(name));
                    for (int i = 0; i < mean.length; i++) {
                        Tiny.set(tensor, i, Tiny.get(tensor, i) - RATE * Math.min(1, CLIP / norm) * mean[i]);
                    }
                });
                network.levels().sectionsLoaded();
                sums.clear();
            }
        }
    }

    /** A span's forgetting must not multiply: what has overflowed is gone with its document. */
    @Test
    void aDocumentThatDivergesHarmsNoneAfterIt() {
        TokenBatch.Sequence one =
                Tiny.batch(9, 1, Tiny.TOKENS, 0, 8).sequences().get(0);
        TokenBatch.Sequence second = new TokenBatch.Sequence(
                Arrays.copyOfRange(one.inputs(), 8, 16), Arrays.copyOfRange(one.targets(), 8, 16), new int[] {0});
        try (Network network = Tiny.shaken(config(
                "levels=[{period-steps: 1, continuum-hidden: 12, in-context-tokens: 4},"
                        + " {period-steps: 2, continuum-hidden: 12, in-context-tokens: 4}]",
                "model.in-context.learning-rate=1e308",
                "model.in-context.clip-norm=0"))) {
            assertThat(Arrays.copyOfRange(
                            network.scores(new TokenBatch(List.of(one))).logProbabilities(), 8, 16))
                    .containsExactly(
                            network.scores(new TokenBatch(List.of(second))).logProbabilities(), within(1e-12));
        }
    }

    /** Documents that start inside another sequence's window do not shorten what that window learns from. */
    @ParameterizedTest
    @ValueSource(strings = {"model.in-context.blocks=1", "model.in-context.blocks=2", "model.continuum=nested"})
    void sequencesOfABatchLearnOnTheirOwn(String setting) {
        TokenBatch whole = Tiny.batch(9, 2, 32);
        TokenBatch parted = Tiny.batch(10, 1, 32, 0, 4, 20);
        TokenBatch all = new TokenBatch(List.of(
                whole.sequences().get(0),
                parted.sequences().get(0),
                whole.sequences().get(1)));
        try (Network network = Tiny.shaken(config(
                setting,
                "levels=[{period-steps: 1, continuum-hidden: 12, in-context-tokens: 8},"
                        + " {period-steps: 2, continuum-hidden: 12, in-context-tokens: 16}]"))) {
            double[] together = network.scores(all).logProbabilities();
            for (int b = 0; b < 3; b++) {
                TokenBatch alone = new TokenBatch(List.of(all.sequences().get(b)));
                assertThat(Arrays.copyOfRange(together, b * 32, (b + 1) * 32))
                        .as("sequence %d", b)
                        .containsExactly(network.scores(alone).logProbabilities(), within(1e-12));
            }
        }
    }

    @Test
    void aDocumentStartsFromTheTrainedParametersWhateverCameBefore() {
        TokenBatch.Sequence one =
                Tiny.batch(9, 1, Tiny.TOKENS, 0, 8).sequences().get(0);
        TokenBatch.Sequence other = Tiny.batch(10, 1, Tiny.TOKENS).sequences().get(0);
        TokenBatch.Sequence second = new TokenBatch.Sequence(
                Arrays.copyOfRange(one.inputs(), 8, 16), Arrays.copyOfRange(one.targets(), 8, 16), new int[] {0});
        try (Network network = Tiny.shaken(config())) {
            double[] scores =
                    network.scores(new TokenBatch(List.of(other, one))).logProbabilities();
            assertThat(Arrays.copyOfRange(scores, 24, 32))
                    .containsExactly(
                            network.scores(new TokenBatch(List.of(second))).logProbabilities(), within(1e-12));
        }
    }

    @Test
    void whereDocumentsAreCarriedOnTheirStartsChangeNothing() {
        TokenBatch.Sequence row = Tiny.batch(9, 1, Tiny.TOKENS).sequences().get(0);
        TokenBatch.Sequence two = new TokenBatch.Sequence(row.inputs(), row.targets(), new int[] {0, 6});
        // the convolution of the other mixer sees starts all the same
        try (Network network = Tiny.shaken(config("model.documents=carry", "model.mixer=attention"))) {
            assertThat(network.scores(new TokenBatch(List.of(two))).logProbabilities())
                    .containsExactly(
                            network.scores(new TokenBatch(List.of(row))).logProbabilities(), within(1e-12));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.mixer=titans", "model.mixer=attention", "model.continuum=nested"})
    void noTokenSeesAnInputThatIsNotYetRead(String setting) {
        TokenBatch.Sequence row = Tiny.batch(9, 1, Tiny.TOKENS).sequences().get(0);
        try (Network network = Tiny.shaken(config(setting))) {
            double[] scores = network.scores(new TokenBatch(List.of(row))).logProbabilities();
            for (int j = 0; j < Tiny.TOKENS; j++) {
                long[] inputs = row.inputs().clone();
                inputs[j] = (inputs[j] + 1) % Tiny.VOCABULARY;
                double[] changed = network.scores(
                                new TokenBatch(List.of(new TokenBatch.Sequence(inputs, row.targets(), row.starts()))))
                        .logProbabilities();
                for (int t = 0; t < Tiny.TOKENS; t++) {
                    assertThat(changed[t] != scores[t])
                            .as("token %d after a change of token %d", t, j)
                            .isEqualTo(t >= j);
                }
            }
        }
    }

    @Test
    void whatIsNotScoredTeachesAllTheSame() {
        TokenBatch.Sequence row = Tiny.batch(9, 1, Tiny.TOKENS).sequences().get(0);
        long[] targets = row.targets().clone();
        Arrays.fill(targets, 0, 14, TokenBatch.NO_TARGET);
        try (Network network = Tiny.shaken(config())) {
            double[] all = network.scores(new TokenBatch(List.of(row))).logProbabilities();
            double[] last = network.scores(
                            new TokenBatch(List.of(new TokenBatch.Sequence(row.inputs(), targets, row.starts()))))
                    .logProbabilities();
            assertThat(Arrays.copyOfRange(last, 14, 16))
                    .containsExactly(Arrays.copyOfRange(all, 14, 16), within(1e-12));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.mixer=titans",
                "model.mixer=attention",
                "model.pattern=[titans,{\"attention\":{\"window\":5}}]"
            })
    void trainingSeesTheLossOfEvaluationAndWithoutStepsTheSameGradient(String setting) {
        TokenBatch batch = Tiny.batch(5, 2, Tiny.TOKENS, 0, 8);
        try (Network plain = Tiny.shaken(Tiny.config(setting));
                Network still = Tiny.shaken(
                        config(setting, "model.in-context.training=true", "model.in-context.learning-rate=0"));
                Network moving = Tiny.shaken(config(setting, "model.in-context.training=true"))) {
            double loss = plain.forwardBackward(batch, 0.1);
            assertThat(still.forwardBackward(batch, 0.1)).isCloseTo(loss, within(1e-11 * loss));
            Map<String, FlatBuffer> gradients = Tiny.gradients(still);
            Tiny.gradients(plain)
                    .forEach((name, expected) -> assertThat(Tiny.values(requireNonNull(gradients.get(name))))
                            .as(name)
                            .containsExactly(Tiny.values(expected), within(1e-11)));
            double moved =
                    -Arrays.stream(moving.scores(batch).logProbabilities()).sum();
            assertThat(moving.forwardBackward(batch, 0.1)).isCloseTo(moved, within(1e-11 * loss));
            assertThat(Math.abs(moved - loss)).isGreaterThan(1e-3);
        }
    }

    /**
     * After one step, at token 8, the gradient is that of the first half's loss as trained and that of the second
     * half's loss in moved parameters: the continuum memory of the last block leaves no trace of the first half behind.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.mixer=titans",
                "model.mixer=attention",
                "model.continuum=independent",
                "model.pattern=[titans,{\"attention\":{\"window\":5}}]"
            })
    void trainingAddsTheGradientInTheMovedParametersToThatOfTheTrainedOnes(String setting) {
        TokenBatch batch = Tiny.batch(5, 1, Tiny.TOKENS);
        try (Network network = Tiny.shaken(config(setting, EVERY_8_TOKENS, "model.in-context.training=true"));
                Network still = Tiny.shaken(Tiny.config(setting));
                Network moved = Tiny.shaken(Tiny.config(setting))) {
            double unused = network.forwardBackward(batch, 1);
            Map<String, double[]> first = gradientOf(still, batch, 0, 8);
            new Window(1, 8).addAndStep(moved, first, 8);
            new Window(2, 8).addAndStep(moved, first, 8);
            Map<String, double[]> second = gradientOf(moved, batch, 8, 16);
            Tiny.gradients(network).forEach((name, gradient) -> {
                double[] expected = requireNonNull(first.get(name)).clone();
                double[] after = requireNonNull(second.get(name));
                Arrays.setAll(expected, i -> expected[i] + after[i]);
                assertThat(Tiny.values(gradient)).as(name).containsExactly(expected, within(1e-10));
            });
        }
    }
}
