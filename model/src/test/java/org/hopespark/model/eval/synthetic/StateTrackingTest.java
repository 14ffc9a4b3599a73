package org.hopespark.model.eval.synthetic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Network;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What Nested Learning reports in Table 5, with one block. A write scales what a key recalls by alpha - eta, and
 * following a parity takes a negative factor (Grazzi et al. 2025, arXiv 2411.12537): hence an inner learning rate up to
 * 2, which starts in the middle, where a write replaces what was there: from 0.2 on, no flip is found in 1,000 steps.
 */
@Tag("slow")
class StateTrackingTest {
    static {
        Network.useThreads(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"parity", "aa"})
    void hopeFollowsAStateBeyondTheLengthsItWasTrainedOn(String task) {
        RunConfig config = RunConfig.ofPreset(
                "hope-nano",
                List.of(
                        "model.width=32",
                        "model.blocks=1",
                        "model.head-width=16",
                        "model.chunk-tokens=1",
                        "model.memory.depth=1",
                        "model.memory.eta-max=2",
                        "model.memory.eta-start=1",
                        "model.memory.retention=false"));
        TrainSettings settings =
                new TrainSettings(100, 2400, 16, List.of(2e-2), List.of(0.0), List.of(1L), 1, 4000, 500, 100, 1);
        TrainAndScore.Outcome outcome = new TrainAndScore(config, settings).run(SyntheticTasks.named(task));
        assertThat(outcome.measurements())
                .allSatisfy(bin -> assertThat(bin.value()).as(bin.part()).isGreaterThan(0.95));
    }
}
