package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against numbers worked out by hand, for a width of 16, 2 heads of 8, 2 blocks, 2 gated MLPs of 12, 23 token ids. */
final class CostTest {
    private static final int MLPS = 2 * 3 * 16 * 12;
    private static final int HEAD = 23 * 16;
    private static final int FORWARD = 32864;

    private static Cost cost(String... overrides) {
        return Cost.of(Tiny.config(overrides));
    }

    @Test
    void hopeMultipliesWithItsMatricesAndWithTheLayersOfItsMemories() {
        int matrices = 16 * 48 + 16 * 16 + 16 * 16 + MLPS;
        int layer = 2 * 8 * 8;
        // written, read
        int key = 6 + 2;
        int eta = 6 + 1;
        int alpha = 6 + 1;
        int value = 6 + 2;
        int main = 6 + 3;
        // overlaps and systems of five output sides, one of which is read
        int mixing = 4 * (5 * (2 * 8 + 8) + 2 * (8 + 8));
        int head = (key + eta + alpha + value + main) * layer + mixing;
        int block = 2 * matrices + 2 * head;

        assertThat(cost().forwardFlopsPerToken()).isEqualTo(2 * HEAD + 2 * block);
        assertThat(2 * HEAD + 2 * block).isEqualTo(FORWARD);
    }

    @Test
    void anInputSideThatIsWrittenCostsFiveLayersMore() {
        double with = cost("model.memory.input-rate=0.03").forwardFlopsPerToken();

        assertThat(with - FORWARD).isEqualTo(2 * 2 * (5 * 2 * 8 * 8 + 4 * (2 * 8 + 8 + 2 * (8 + 8))));
    }

    @Test
    void attentionSeesHalfOfTheContext() {
        int block = 2 * (4 * 16 * 16 + MLPS) + 2 * 16 * 16;

        assertThat(cost("model.mixer=attention").forwardFlopsPerToken()).isEqualTo(2 * HEAD + 2 * block);
    }

    @Test
    void testTimeTrainingReadsAndWritesItsLayersAndMixesWithItsChunk() {
        // queries and keys, values, gate, output; a rate for each head
        int matrices = 4 * 16 * 16 + 16 * 2 + MLPS;
        int linear = 3 * 2 * 8 * 8 + 2 * 4 * (8 + 8);
        int mlp = 7 * 2 * 8 * 32 + 2 * 2 * 4 * (8 + 32);

        assertThat(cost("model.pattern=[{\"ttt-linear\":{\"chunk-tokens\":4}}]").forwardFlopsPerToken())
                .isEqualTo(2 * HEAD + 2 * (2 * matrices + 2 * linear));
        assertThat(cost("model.pattern=[{\"ttt-mlp\":{\"chunk-tokens\":4}}]").forwardFlopsPerToken())
                .isEqualTo(2 * HEAD + 2 * (2 * matrices + 2 * mlp));
    }

    @Test
    void mambaScansTheStateOfItsChannels() {
        int matrices = 16 * 64 + 32 * (1 + 32) + 32 + 32 * 16 + MLPS;
        int scan = 32 * 16 * 18;

        assertThat(cost("model.pattern=[mamba]").forwardFlopsPerToken())
                .isEqualTo(2 * HEAD + 2 * (2 * matrices + scan));
    }

    @Test
    void aMainMemoryWithLongerChunksMixesMore() {
        double longer = cost("model.memory.main-chunk-tokens=8").forwardFlopsPerToken();

        assertThat(longer - cost().forwardFlopsPerToken()).isEqualTo(2 * 2 * (8 - 4) * ((2 * 8 + 8) + 2 * (8 + 8)));
    }

    @Test
    void initialStatesOfNestedLevelsMultiplyNothing() {
        assertThat(cost("model.continuum=nested").forwardFlopsPerToken()).isEqualTo(cost().forwardFlopsPerToken());
    }

    @Test
    void trainingTakesThreeForwardPassesAndOneMoreWithoutTheHeadToRecompute() {
        assertThat(cost().trainingFlopsPerToken(Tiny.config().training())).isEqualTo(3 * FORWARD);
        assertThat(cost().trainingFlopsPerToken(
                                Tiny.config("training.recompute-every-chunks=1").training()))
                .isEqualTo(4 * FORWARD - 2 * HEAD);
    }

    @Test
    void aWorkerSendsTwiceWhatItDoesNotOwnOnceInAPeriod() {
        Cost cost = cost();
        Level slow = cost.architecture().schedule().levels().get(1);
        long parameters = 2 * (3 * 16 * 12 + 16);

        assertThat(cost.architecture().size(slow)).isEqualTo(parameters);
        assertThat(cost.bytesAtBoundary(slow, 4)).isCloseTo(2 * 0.75 * 4 * parameters, within(1e-9));
        assertThat(cost.bytesPerStep(slow, 4)).isCloseTo(0.75 * 4 * parameters, within(1e-9));
        assertThat(cost.bytesAtBoundary(slow, 1)).isZero();
    }

    /** 4 workers shard the optimizer: gradients go there at every step, parameters come back once in a period. */
    @Test
    void aLevelThatIsOptimizedEveryStepSavesOnlyTheWayBackOfParametersThatOwnersUpdate() {
        long parameters = 2 * (3 * 16 * 12 + 16);
        Cost cost = cost("levels.1.reduction=sum-of-updates");
        Level slow = cost.architecture().schedule().levels().get(1);

        assertThat(cost.bytesAt(slow, 3, 4)).isCloseTo(0.75 * 4 * parameters, within(1e-9));
        assertThat(cost.bytesAt(slow, 4, 4)).isCloseTo(2 * 0.75 * 4 * parameters, within(1e-9));
        assertThat(cost.bytesPerStep(slow, 4)).isCloseTo(1.5 * 0.75 * 4 * parameters, within(1e-9));
        assertThat(cost.bytesPerStep(slow, 2)).isCloseTo(2 * 0.5 * 4 * parameters, within(1e-9));
        assertThat(cost.bytesAt(slow, 3, 2)).isEqualTo(cost.bytesAtBoundary(slow, 2));
    }

    @Test
    void nothingIsSentForAWindowThatWarmUpDrops() {
        Cost cost = cost("training.warmup-steps=3");
        Level slow = cost.architecture().schedule().levels().get(1);
        assertThat(cost.bytesAt(slow, 2, 4)).isZero();
        assertThat(cost.bytesAt(slow, 4, 4)).isEqualTo(cost.bytesAtBoundary(slow, 4));
    }

    /** What the comments of the presets say of the pair. */
    @ParameterizedTest
    @CsvSource({"340m, 0.91", "760m, 0.97", "1.3b, 1.10"})
    void aForwardPassOfHopeCostsAboutWhatItsTransformerCosts(String label, double times) {
        double hope = preset("hope-" + label).forwardFlopsPerToken();
        double transformer = preset("transformer-" + label).forwardFlopsPerToken();

        assertThat(hope / transformer).isCloseTo(times, within(0.005));
    }

    private static Cost preset(String name) {
        return Cost.of(RunConfig.read("quickstart", List.of("preset=" + name)));
    }
}
