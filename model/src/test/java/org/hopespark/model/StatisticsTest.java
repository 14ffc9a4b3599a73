package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.InnerStatistics.Summary;
import org.hopespark.model.TokenTitans.Trace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StatisticsTest {
    private static final double ALPHA_BIAS = 1.5;
    private static final String[] FORGETTING = {
        "model.memory.eta-max=0",
        "model.memory.decay=zero",
        "model.memory.input-rate=0.1",
        "model.memory.others-input-rate=0.1"
    };
    private static final double ETA_BIAS = -2;
    /** The root of the head's width. */
    private static final double CAP = Math.sqrt(8);

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 8})
    void gatesThatFollowTheirBiasAloneAreReportedAsThat(int mainChunk) {
        RunConfig config = Tiny.config("model.memory.main-chunk-tokens=" + mainChunk);
        try (Network network = Tiny.shaken(config)) {
            fill(network, "alpha.head", 0);
            fill(network, "alpha.bias", ALPHA_BIAS);
            fill(network, "eta.head", 0);
            fill(network, "eta.bias", ETA_BIAS);
            for (Summary block : statistics(network)) {
                assertThat(block.alpha()).isCloseTo(sigmoid(ALPHA_BIAS), within(1e-12));
                assertThat(block.eta()).isCloseTo(config.model().memory().etaMax() * sigmoid(ETA_BIAS), within(1e-12));
                assertThat(block.errorNorm()).isBetween(0.1, CAP);
            }
        }
    }

    @Test
    void memoriesThatDoNotLearnStayWhereTheyStart() {
        try (Network network = Tiny.shaken(Tiny.config("model.memory.eta-max=0", "model.memory.retention=false"))) {
            for (Summary block : statistics(network)) {
                assertThat(block.stateNorm()).isCloseTo(1, within(1e-12));
                assertThat(block.stateDrift()).isZero();
            }
        }
    }

    @Test
    void memoriesThatOnlyForgetShrinkByTheProductOfAlpha() {
        try (Network network = Tiny.shaken(Tiny.config(FORGETTING))) {
            fill(network, "alpha.head", 0);
            fill(network, "alpha.bias", ALPHA_BIAS);
            // up has T writes, each with its alpha, and so has down
            double left = Math.pow(sigmoid(ALPHA_BIAS), Tiny.TOKENS);
            for (Summary block : statistics(network)) {
                assertThat(block.stateNorm()).isCloseTo(left, within(1e-12));
                assertThat(block.stateDrift()).isCloseTo(1 - left, within(1e-12));
            }
        }
    }

    @Test
    void memoriesThatForgetWhatWasWrittenAloneStayWhereTheyStart() {
        try (Network network = Tiny.shaken(Tiny.config("model.memory.eta-max=0"))) {
            for (Summary block : statistics(network)) {
                assertThat(block.stateNorm()).isEqualTo(1);
                assertThat(block.stateDrift()).isZero();
                assertThat(block.writtenShare()).isZero();
            }
        }
    }

    @Test
    void figuresOfChunksHeadsAndMemoriesAreThoseOfTheLoopOverTokens() {
        RunConfig config = Tiny.config("model.memory.eta-start=0.5", "model.memory.retention-bias=1");
        try (Network network = Tiny.shaken(config)) {
            TokenBatch batch = Tiny.batch(4, 1, Tiny.TOKENS);
            InnerStatistics first = network.innerStatistics(batch).get(0);

            List<Trace> traces =
                    new TokenNetwork(network).traces(batch.sequences().get(0));

            int chunk = config.model().chunkTokens();
            for (int head = 0; head < config.model().heads(); head++) {
                for (int c = 0; c < first.chunks().size(); c++) {
                    InnerStatistics.Head seen = first.chunks().get(c).heads().get(head);
                    int from = chunk * c;
                    int of = head;
                    List<Trace> tokens = traces.stream()
                            .filter(t -> t.head() == of && t.token() >= from && t.token() < from + chunk)
                            .toList();
                    assertThat(first.chunks().get(c).end()).isEqualTo(from + chunk);
                    assertThat(seen.alpha()).isCloseTo(mean(tokens, Trace::alpha), within(1e-11));
                    assertThat(seen.eta()).isCloseTo(mean(tokens, Trace::eta), within(1e-11));
                    assertThat(seen.writtenShare()).isCloseTo(mean(tokens, Trace::writtenShare), within(1e-11));
                    List<Double> norms = tokens.get(chunk - 1).stateNorm();
                    assertThat(seen.stateNorm()).hasSize(first.memories().size());
                    for (int i = 0; i < norms.size(); i++) {
                        assertThat(seen.stateNorm().get(i))
                                .as(first.memories().get(i))
                                .isCloseTo(norms.get(i), within(1e-11));
                    }
                }
            }
        }
    }

    private static double mean(List<Trace> tokens, ToDoubleFunction<Trace> figure) {
        return tokens.stream().mapToDouble(figure).average().orElseThrow();
    }

    @Test
    void errorsAboveTheCapAreCounted() {
        try (Network network = Tiny.shaken(
                Tiny.config("model.memory.eta-max=0", "model.memory.input-rate=0.1", "model.memory.error-cap=1"))) {
            fill(network, "memory.down", 1e3);
            Summary first = statistics(network).get(0);
            assertThat(first.cappedShare()).isEqualTo(1);
            assertThat(first.errorNorm()).isCloseTo(CAP, within(1e-12));
            // keys and values are zero
            fill(network, "convolution", 0);
            first = statistics(network).get(0);
            assertThat(first.cappedShare()).isZero();
            assertThat(first.errorNorm()).isZero();
        }
    }

    @Test
    void driftIsTheRelativeDistanceFromTheStart() {
        RunConfig config = Tiny.config();
        try (Network network = new Network(config, ElementType.FLOAT64, -1)) {
            for (Level level : config.schedule().levels()) {
                assertThat(network.levels().drift(level)).isZero();
            }
            // every value 10 % larger
            Map<String, FlatBuffer> parameters = Tiny.parameters(network);
            parameters.values().forEach(tensor -> {
                for (int i = 0; i < tensor.elements(); i++) {
                    Tiny.set(tensor, i, 1.1 * Tiny.get(tensor, i));
                }
            });
            network.levels().sectionsLoaded();
            for (Level level : config.schedule().levels()) {
                assertThat(network.levels().drift(level)).isCloseTo(0.1, within(1e-9));
            }
        }
    }

    private static List<Summary> statistics(Network network) {
        List<Summary> blocks = network.innerStatistics(Tiny.batch(4, 1, Tiny.TOKENS)).stream()
                .map(InnerStatistics::summary)
                .toList();
        assertThat(blocks).hasSize(2);
        return blocks;
    }

    private static void fill(Network network, String suffix, double value) {
        Map<String, FlatBuffer> parameters = Tiny.parameters(network);
        parameters.keySet().stream().filter(name -> name.endsWith(suffix)).forEach(name -> {
            FlatBuffer tensor = requireNonNull(parameters.get(name));
            for (int i = 0; i < tensor.elements(); i++) {
                Tiny.set(tensor, i, value);
            }
        });
        network.levels().sectionsLoaded();
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
