package org.hopespark.model.eval.synthetic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Network;
import org.hopespark.model.eval.Measurement;
import org.junit.jupiter.api.Test;

class TrainAndScoreTest {
    private static final List<String> TINY =
            List.of("model.width=32", "model.blocks=1", "model.head-width=8", "model.chunk-tokens=8");

    static {
        Network.useThreads(1);
    }

    @Test
    void aTinyTransformerLearnsToCount() {
        RunConfig config = RunConfig.ofPreset("transformer-20m", TINY)
                .with(List.of("model.blocks=1", "levels.0.continuum-hidden=32"));
        TrainSettings settings =
                new TrainSettings(20, 200, 32, List.of(1e-2), List.of(0.0), List.of(1L), 1, 500, 100, 20, 1);
        TrainAndScore.Outcome outcome = new TrainAndScore(config, settings).run(SyntheticTasks.named("an_bn"));
        Measurement bin0 = outcome.measurements().get(0);
        assertThat(bin0.part()).isEqualTo("bin=0");
        assertThat(bin0.n()).isEqualTo(100);
        assertThat(bin0.chance()).isLessThan(0.1);
        assertThat(bin0.value()).isGreaterThan(0.5);
        assertThat(outcome.best().steps()).isLessThanOrEqualTo(200);
    }

    @Test
    void aSequenceIsToldFromTheStateOfItsLastToken() {
        // a model that looked at the tokens themselves would tell the second as well as the first
        assertThat(compression("mad_compression@vocab=4,length=4", 150)).isGreaterThan(0.8);
        assertThat(compression("mad_compression@vocab=32,length=16", 30)).isLessThan(0.5);
    }

    private static double compression(String task, int steps) {
        TrainSettings settings =
                new TrainSettings(20, steps, 32, List.of(1e-2), List.of(0.0), List.of(1L), 1, 640, 64, 64, 1);
        return new TrainAndScore(RunConfig.ofPreset("hope-nano", TINY), settings)
                .run(SyntheticTasks.named(task))
                .measurements()
                .get(0)
                .value();
    }

    @Test
    void theBestRunOfTheGridIsScored() {
        RunConfig config = RunConfig.ofPreset("hope-nano", TINY);
        TrainSettings settings =
                new TrainSettings(3, 24, 16, List.of(1e-9, 3e-2), List.of(0.0), List.of(1L), 1, 128, 32, 32, 1);
        TrainAndScore.Outcome outcome =
                new TrainAndScore(config, settings).run(SyntheticTasks.named("mad_memorization@vocab=8,length=16"));
        assertThat(outcome.runs()).hasSize(2);
        assertThat(outcome.best().learningRate()).isEqualTo(3e-2);
        assertThat(outcome.best().validation())
                .isEqualTo(outcome.runs().stream()
                        .mapToDouble(TrainAndScore.Run::validation)
                        .max()
                        .orElseThrow());
        assertThat(outcome.measurements().get(0).value()).isGreaterThan(0.4);
    }
}
