package org.hopespark.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.pretrain.WorkerMessage.HeldOutPart;
import org.hopespark.jobs.run.RunEvent;
import org.junit.jupiter.api.Test;

class HeldOutMergerTest {
    private final HeldOutMerger merger = new HeldOutMerger(
            RunConfig.read("quickstart", List.of("evaluation.every-steps=10", "evaluation.warn-above=0.5"))
                    .evaluation(),
            4);

    @Test
    void theLossIsTakenOverTheTargetsOfAllWorkers() {
        assertThat(merger.reported(part(10, 0, 2, 30, 10))).isEmpty();
        RunEvent.Validation found = validation(merger.reported(part(10, 1, 2, 10, 30)));
        assertThat(found.loss()).isCloseTo(1.0, within(1e-12));
        assertThat(found.bitsPerByte()).isCloseTo(1 / (4 * Math.log(2)), within(1e-12));
    }

    @Test
    void aRisingLossIsWarnedOfAndTheBestSavedStepIsKnown() {
        assertThat(merger.bestStep(step -> true)).isZero();
        assertThat(alone(10, 2.0)).hasSize(1);
        assertThat(alone(20, 1.5)).hasSize(1);
        assertThat(alone(30, 1.9)).as("within what is allowed").hasSize(1);
        List<RunEvent> events = alone(40, 2.1);
        assertThat(events).hasSize(2);
        assertThat(((RunEvent.Warning) events.get(1)).cause()).contains("2.1000 at step 40", "1.5000 at step 20");
        assertThat(merger.bestStep()).isEqualTo(20);
        assertThat(merger.bestStep(step -> step % 30 == 0)).isEqualTo(30);
    }

    @Test
    void aStepThatComesAgainAfterARollbackIsNotComparedWithLaterOnes() {
        alone(10, 3.0);
        alone(20, 2.0);
        alone(30, 1.0);
        assertThat(alone(20, 2.0)).hasSize(1);
        assertThat(alone(30, 2.6)).as("but with the one before it").hasSize(2);
    }

    @Test
    void whatAnAttemptHasLeftHalfReportedCountsNoMore() {
        assertThat(merger.reported(part(10, 1, 3, 1e6, 10))).isEmpty();
        merger.begin();
        assertThat(merger.reported(part(10, 0, 2, 30, 10))).isEmpty();
        assertThat(validation(merger.reported(part(10, 1, 2, 10, 30))).loss()).isCloseTo(1.0, within(1e-12));
    }

    @Test
    void aLossThatIsNoNumberIsWarnedOfAndNeverTheBest() {
        alone(10, 2.0);
        assertThat(alone(20, Double.NaN)).hasSize(2);
        assertThat(merger.bestStep()).isEqualTo(10);
        assertThat(alone(30, 2.6)).as("a later rise is warned of, too").hasSize(2);
    }

    @Test
    void anotherStartOfTheRunKnowsWhatTheFirstHasFound() {
        List<RunEvent> metrics =
                List.of(alone(10, 1.0).get(0), alone(20, 3.0).get(0), RunEvent.Validation.ofRun(30, 0.5, 0.5));
        HeldOutMerger next =
                new HeldOutMerger(RunConfig.read("quickstart", List.of()).evaluation(), 4);
        metrics.forEach(next::replay);
        assertThat(next.bestStep()).as("step 30 was of other rows").isEqualTo(10);
        HeldOutMerger other = new HeldOutMerger(
                RunConfig.read("quickstart", List.of("evaluation.rows=7")).evaluation(), 4);
        metrics.forEach(other::replay);
        assertThat(other.bestStep()).isZero();
    }

    private List<RunEvent> alone(long step, double loss) {
        return merger.reported(part(step, 0, 1, loss * 8, 8));
    }

    private static RunEvent.Validation validation(List<RunEvent> events) {
        return (RunEvent.Validation) events.get(0);
    }

    private static HeldOutPart part(long step, int rank, int ranks, double loss, long targets) {
        return new HeldOutPart(rank, ranks, step, loss, targets, 0.1);
    }
}
