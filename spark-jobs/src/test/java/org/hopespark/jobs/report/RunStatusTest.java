package org.hopespark.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import org.hopespark.jobs.run.RunEvents;
import org.junit.jupiter.api.Test;

final class RunStatusTest {
    private static final String RUN = """
            {"type":"run","name":"a <run>","parameters":30,"workers":2,"data-identity":"d","steps":100,"batch-tokens":8,
             "started":"now","versions":{},"levels":[{"level":1,"period-steps":1,"parameters":10},
             {"level":2,"period-steps":4,"parameters":20}]}""";

    private long nanos;
    private final RunStatus status = new RunStatus(() -> nanos);

    @Test
    void theGaugesFollowTheLinesOfTheRun() {
        add(RUN);
        Map<String, DoubleSupplier> gauges = status.gauges();
        assertThat(gauges).containsKeys("rank-0.data-seconds", "rank-1.communication-seconds", "level-2.bytes-sent");
        assertThat(value(gauges, "loss")).isNaN();
        assertThat(value(gauges, "rank-1.data-seconds")).isNaN();
        assertThat(value(gauges, "steps")).isEqualTo(100);

        step(1, 10, 5.5);
        nanos += 2_000_000_000L;
        step(1, 11, 5.25);
        add("{\"type\":\"checkpoint\",\"step\":11,\"seconds\":0.5,\"bytes\":1000,\"path\":\"p\"}");
        nanos += 3_000_000_000L;

        assertThat(value(gauges, "loss")).isEqualTo(5.25);
        assertThat(value(gauges, "tokens-per-second-per-worker")).isEqualTo(40);
        assertThat(value(gauges, "slowest-rank")).isEqualTo(1);
        assertThat(value(gauges, "rank-1.data-seconds")).isEqualTo(0.02);
        assertThat(value(gauges, "rank-1.forward-seconds")).as("not told").isNaN();
        assertThat(value(gauges, "level-1.gigabytes-per-second")).isEqualTo(0.75);
        assertThat(value(gauges, "level-2.bytes-sent")).as("not due yet").isNaN();
        assertThat(value(gauges, "eta-seconds"))
                .as("89 steps, by what the last ones took")
                .isCloseTo(8.9, within(1e-9));
        assertThat(value(gauges, "checkpoint-age-seconds")).isCloseTo(3, within(1e-9));
    }

    @Test
    void aNewAttemptTakesBackItsStepsAndTheFailureStays() {
        add(RUN);
        step(1, 1, 6);
        step(1, 2, 5);
        step(1, 3, 4);
        add("{\"type\":\"failure\",\"attempt\":1,\"step\":3,\"cause\":\"rank 1 <gone>\"}");
        nanos += 60_000_000_000L;
        step(2, 2, 5.5);

        assertThat(value(status.gauges(), "failures")).isEqualTo(1);
        assertThat(value(status.gauges(), "attempt")).isEqualTo(2);
        assertThat(value(status.gauges(), "eta-seconds"))
                .as("the pause between attempts is no part of a step")
                .isCloseTo(98 * 0.1, within(1e-9));
        assertThat(status.page())
                .contains("rank 1 &lt;gone&gt;", "a &lt;run&gt;")
                .doesNotContain("step 3: 4");
    }

    @Test
    void aLongCurveKeepsItsShapeInFewPoints() {
        Curve curve = new Curve();
        for (long step = 1; step <= 100_000; step++) {
            curve.add(step, 2.0 * step);
        }
        assertThat(curve.steps()).hasSizeBetween(500, 1024);
        for (int i = 0; i < curve.steps().size(); i++) {
            assertThat(curve.values().get(i)).isCloseTo(2 * curve.steps().get(i), within(1e-6));
        }
        curve.add(50_000, 1);
        assertThat(curve.steps().get(curve.steps().size() - 1)).isLessThan(50_000);
    }

    private void step(long attempt, long step, double loss) {
        add(String.format("""
                {"type":"step","attempt":%d,"step":%d,"loss":%f,"tokens":8,"seconds":0.1,"tokens-per-second":80,"learning-rate":0.1,
                 "workers":2,"data-seconds":[0.01,0.02],"communication-seconds":[0.03,0.04],"slowest-rank":1,
                 "levels":[{"level":1,"bytes-sent":600,"milliseconds":2,"gigabytes-per-second":0.75,"gradient-norm":1}]}
                """, attempt, step, loss));
    }

    private void add(String json) {
        RunEvents.readIfWhole(json).ifPresentOrElse(status::add, () -> fail(json));
    }

    private static double value(Map<String, DoubleSupplier> gauges, String name) {
        return Objects.requireNonNull(gauges.get(name), name).getAsDouble();
    }
}
