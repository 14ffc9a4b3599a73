package org.hopespark.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hopespark.conf.Level;
import org.hopespark.jobs.run.RunEvent;
import org.hopespark.model.BoundarySync;
import org.hopespark.model.BoundarySync.Part;
import org.hopespark.model.BoundarySync.StopRequest;
import org.hopespark.model.ElementType;
import org.hopespark.model.Exchange;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.Slices;
import org.junit.jupiter.api.Test;

final class StragglersTest {
    private final Stragglers stragglers = new Stragglers(1, 3, Duration.ofSeconds(60));

    @Test
    void whoDoesNotSayThatItWaitsIsNamedOnceWithItsHost() {
        stragglers.seated(1, "node-7");
        assertThat(stragglers.waiting(0, 5, 2)).isEmpty();
        assertThat(stragglers.waiting(2, 5, 8)).isEmpty();
        Optional<RunEvent.Straggler> found = stragglers.waiting(0, 5, 10.25);
        assertThat(found).isPresent();
        assertThat(found.get().ranks()).containsExactly(1);
        assertThat(found.get().cause())
                .isEqualTo("rank 1 (node-7) has not arrived at step 5; ranks [0, 2] wait, for 10.3 s so far");
        assertThat(stragglers.waiting(2, 5, 12)).as("told before").isEmpty();

        for (int rank = 0; rank < 3; rank++) {
            stragglers.finished(rank, 1);
        }
        assertThat(stragglers.waiting(1, 6, 11).orElseThrow().ranks())
                .as("the others have gone on")
                .containsExactly(0, 2);
    }

    @Test
    void whereAllWaitNobodyIsLate() {
        stragglers.waiting(0, 5, 9);
        stragglers.waiting(1, 5, 9);
        assertThat(stragglers.waiting(2, 5, 20)).isEmpty();
    }

    @Test
    void slowStepsMakePatientButNeverBeyondHalfTheTimeout() {
        stragglers.finished(0, 5);
        assertThat(stragglers.waiting(0, 5, 14)).isEmpty();
        assertThat(stragglers.waiting(0, 5, 15.5)).isPresent();
        for (int i = 0; i < 20; i++) {
            stragglers.finished(0, 100);
        }
        assertThat(stragglers.waiting(0, 6, 29)).isEmpty();
        assertThat(stragglers.waiting(0, 6, 30.5)).isPresent();
    }

    @Test
    void aWorkerTellsOfAWaitWhileItLastsAndNotAfter() {
        List<WorkerMessage> told = new ArrayList<>();
        long[] nanos = new long[1];
        WaitReporter[] self = new WaitReporter[1];
        BoundarySync slow = new BoundarySync.Forwarding() {
            @Override
            public BoundarySync sync() {
                return BoundarySync.alone();
            }

            @Override
            public Agreement open(long step, long tokens, StopRequest stop, long[] digests) {
                nanos[0] += 1_000_000_000L;
                self[0].tell();
                nanos[0] += 2_000_000_000L;
                self[0].tell();
                return sync().open(step, tokens, stop, digests);
            }

            @Override
            public Pending sum(Part part) {
                return () -> {
                    self[0].tell();
                    return Exchange.NONE;
                };
            }
        };
        try (WaitReporter waits = new WaitReporter(slow, told::add, () -> nanos[0])) {
            self[0] = waits;
            assertThat(waits.open(7, 4, StopRequest.CONTINUE, new long[0]).tokens())
                    .isEqualTo(4);
            waits.sum(new Part(7, new Level(1, 1, 1.0), FlatBuffer.allocate(ElementType.FLOAT32, 1), Slices.of(1, 1)))
                    .await();
            nanos[0] += 9_000_000_000L;
            waits.tell();
        }
        assertThat(told).containsExactly(new WorkerMessage.Waiting(7, 3.0));
    }
}
