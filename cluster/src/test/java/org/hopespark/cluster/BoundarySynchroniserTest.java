package org.hopespark.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.hopespark.cluster.Workers.Outcome;
import org.hopespark.conf.Level;
import org.hopespark.model.BoundarySync.Part;
import org.hopespark.model.BoundarySync.StopRequest;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.ReplicaMismatchException;
import org.hopespark.model.Slices;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BoundarySynchroniserTest {

    @Test
    void openingAddsTheTokensOfAllWorkers() {
        List<Outcome<Long>> outcomes = open(4, rank -> 1, rank -> new long[] {11, 22});
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.result()).isEqualTo(100 + 101 + 102 + 103));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void replicasThatDifferAreNamedWithLevelAndStepOnAllRanks(int level) {
        List<Outcome<Long>> outcomes = open(4, rank -> 64, rank -> {
            long[] digests = {22, 22, 22};
            digests[level - 1] += rank == 2 ? 1 : 0;
            return digests;
        });
        assertThat(outcomes)
                .allSatisfy(outcome -> assertThat(outcome.error())
                        .isInstanceOf(ReplicaMismatchException.class)
                        .hasMessage("step 64: the parameters of level " + level + " differ: "
                                + "ranks [2] have digest 17, ranks [0, 1, 3] have digest 16"));
    }

    @Test
    void workersAtDifferentStepsAreNamed() {
        List<Outcome<Long>> outcomes = open(3, rank -> rank == 0 ? 9 : 8, rank -> new long[] {11});
        assertThat(outcomes)
                .allSatisfy(outcome -> assertThat(outcome.error())
                        .isInstanceOf(ReplicaMismatchException.class)
                        .hasMessage("the workers are not at one step: ranks [0] have 9, ranks [1, 2] have 8"));
    }

    @Test
    void boundariesAddTheGradientsOfTheirLevel() {
        List<Outcome<Float>> outcomes = Workers.run(InProcessTransport.group(3), Workers.TIMEOUT, collective -> {
            BoundarySynchroniser sync = new BoundarySynchroniser(collective);
            FlatBuffer gradient = FlatBuffer.allocate(ElementType.FLOAT32, 1);
            gradient.slices().get(0).putFloat(0, 1 + sync.rank());
            sync.open(1, 10, StopRequest.CONTINUE, new long[] {1});
            sync.sum(new Part(1, new Level(1, 1, 1.0), gradient, Slices.of(1, 3)))
                    .await();
            return gradient.slices().get(0).getFloat(0);
        });
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.result()).isEqualTo(6f));
    }

    @Test
    void theStrongestWishOfAnyWorkerIsThatOfAll() {
        List<Outcome<StopRequest>> outcomes = Workers.run(InProcessTransport.group(3), Workers.TIMEOUT, collective -> {
            BoundarySynchroniser sync = new BoundarySynchroniser(collective);
            return sync.open(
                            1,
                            10,
                            List.of(StopRequest.RESIZE, StopRequest.PREEMPTED, StopRequest.CONTINUE)
                                    .get(sync.rank()),
                            new long[] {1})
                    .stopRequest();
        });
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.result()).isEqualTo(StopRequest.PREEMPTED));
    }

    private interface StepOf {
        long rank(int rank);
    }

    private interface DigestsOf {
        long[] rank(int rank);
    }

    private static List<Outcome<Long>> open(int ranks, StepOf step, DigestsOf digests) {
        return Workers.run(InProcessTransport.group(ranks), Workers.TIMEOUT, collective -> {
            BoundarySynchroniser sync = new BoundarySynchroniser(collective);
            int rank = sync.rank();
            return sync.open(step.rank(rank), 100 + rank, StopRequest.CONTINUE, digests.rank(rank))
                    .tokens();
        });
    }
}
