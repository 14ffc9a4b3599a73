package org.hopespark.model.eval.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.eval.Measurement;
import org.junit.jupiter.api.Test;

class MetricTest {
    private static final long NONE = TokenBatch.NO_TARGET;

    /** Three of four targets right, then all of two. */
    private static final List<Answer> ANSWERS = List.of(
            new Answer(new long[] {7, 7, NONE, 8, 9}, new boolean[] {true, false, false, true, true}),
            new Answer(new long[] {7, NONE, 8}, new boolean[] {true, false, true}));

    @Test
    void macroAccuracyIsTheMeanOverClasses() {
        Measurement macro = Metric.MACRO.of(ANSWERS, 3).get(0);
        // 7: two of three, 8: two of two, 9: one of one
        assertThat(macro.value()).isCloseTo((2.0 / 3 + 1 + 1) / 3, within(1e-12));
        assertThat(macro.standardError()).isCloseTo(Math.sqrt(2.0 / 3 * (1.0 / 3) / 3) / 3, within(1e-12));
        assertThat(macro.chance()).isEqualTo(1.0 / 3);
    }

    @Test
    void aSequenceCountsOnlyIfAllOfItIsRight() {
        Measurement sequence = Metric.SEQUENCE.of(ANSWERS, 2).get(0);
        assertThat(sequence.value()).isEqualTo(0.5);
        assertThat(sequence.n()).isEqualTo(2);
        assertThat(sequence.chance()).isEqualTo((1.0 / 16 + 1.0 / 4) / 2);
    }

    @Test
    void tokensAreCountedWhereThereIsATarget() {
        assertThat(Metric.TOKEN.of(ANSWERS, 2).get(0).value()).isEqualTo((0.75 + 1) / 2);
        assertThat(Metric.TOKEN_AND_SEQUENCE.of(ANSWERS, 2).get(1).value()).isEqualTo(0.5);
    }

    @Test
    void scaledAccuracyIsNoughtAtChance() {
        Answer right = new Answer(new long[] {NONE, 5}, new boolean[] {false, true});
        Answer wrong = new Answer(new long[] {NONE, 6}, new boolean[] {false, false});
        assertThat(Metric.SCALED.of(List.of(right, wrong), 2).get(0).value()).isCloseTo(0, within(1e-12));
        assertThat(Metric.SCALED.of(List.of(right, right), 5).get(0).value()).isCloseTo(1, within(1e-12));
        assertThat(Metric.SCALED.of(List.of(right, wrong), 5).get(1).value()).isEqualTo(0.5);
    }
}
