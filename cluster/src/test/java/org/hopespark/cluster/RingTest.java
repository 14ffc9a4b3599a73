package org.hopespark.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.hopespark.cluster.Workers.Outcome;
import org.hopespark.model.ElementType;
import org.hopespark.model.Exchange;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.Slices;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many ranks in one process, directly and in a ring. */
final class RingTest {
    private static final int DIRECT = Integer.MAX_VALUE;

    @ParameterizedTest
    @CsvSource({"2, 1", "3, 1000", "3, 3000001", "5, 77", "64, 1", "64, 9", "64, 100003", "64, 1100000"})
    void slicesThatGoRoundARingAreAddedInTheOrderOfTheRing(int ranks, int elements) {
        List<FlatBuffer> parts = parts(ranks, elements);
        float[][] before = parts.stream().map(RingTest::values).toArray(float[][]::new);

        List<Exchange> costs = run(parts, 1);

        Slices slices = Slices.of(elements, ranks);
        float[] expected = new float[elements];
        for (int owner = 0; owner < ranks; owner++) {
            for (int i = (int) slices.from(owner); i < slices.to(owner); i++) {
                // the slice sets out at the rank after its owner
                float sum = before[(owner + 1) % ranks][i];
                for (int k = 2; k <= ranks; k++) {
                    sum += before[(owner + k) % ranks][i];
                }
                expected[i] = sum;
            }
        }
        parts.forEach(
                part -> assertThat(Arrays.mismatch(values(part), expected)).isEqualTo(-1));
        assertThat(costs.stream().mapToLong(Exchange::bytesSent).sum())
                .as("bytes of all ranks")
                .isEqualTo(2L * (ranks - 1) * elements * Float.BYTES);
    }

    @ParameterizedTest
    @CsvSource({"64, 100003"})
    void manyRanksThatExchangeDirectlyAddInTheOrderOfTheirRanks(int ranks, int elements) {
        List<FlatBuffer> parts = parts(ranks, elements);
        float[] expected = values(parts.get(0));
        for (FlatBuffer part : parts.subList(1, ranks)) {
            float[] next = values(part);
            for (int i = 0; i < elements; i++) {
                expected[i] += next[i];
            }
        }
        run(parts, DIRECT);
        parts.forEach(
                part -> assertThat(Arrays.mismatch(values(part), expected)).isEqualTo(-1));
    }

    @ParameterizedTest
    @CsvSource({"3, 50", "7, 2000000"})
    void ownersInARingReduceTheirSlicesAndPublishThem(int ranks, int elements) {
        List<FlatBuffer> summed = parts(ranks, elements);
        List<FlatBuffer> published = parts(ranks, elements);
        run(summed, 1);
        Slices slices = Slices.of(elements, ranks);
        Workers.run(InProcessTransport.group(ranks), Workers.TIMEOUT, 1, collective -> {
                    FlatBuffer values = published.get(collective.transport().rank());
                    collective.startReduce(1, 1, values, slices).await();
                    Collective.Gather gather = collective.startGather(1, 1, values, slices);
                    collective.allGather(1, new long[] {1});
                    return gather.send().await();
                })
                .forEach(Outcome::result);
        for (int rank = 0; rank < ranks; rank++) {
            assertThat(Arrays.mismatch(values(published.get(rank)), values(summed.get(rank))))
                    .isEqualTo(-1);
        }
    }

    private static List<Exchange> run(List<FlatBuffer> parts, int ringAbove) {
        List<Exchange> costs = new ArrayList<>();
        Workers.run(
                        InProcessTransport.group(parts.size()),
                        Workers.TIMEOUT,
                        ringAbove,
                        collective -> collective.sum(
                                1, 1, parts.get(collective.transport().rank())))
                .forEach(outcome -> costs.add(outcome.result()));
        return costs;
    }

    private static List<FlatBuffer> parts(int ranks, int elements) {
        return IntStream.range(0, ranks)
                .mapToObj(rank -> {
                    Random random = new Random(rank);
                    FlatBuffer part = FlatBuffer.allocate(ElementType.FLOAT32, elements);
                    for (int i = 0; i < elements; i++) {
                        part.slices()
                                .get(0)
                                .putFloat(i * Float.BYTES, (random.nextFloat() - 0.5f) * (1 << random.nextInt(24)));
                    }
                    return part;
                })
                .toList();
    }

    private static float[] values(FlatBuffer part) {
        float[] values = new float[(int) part.elements()];
        part.slices().get(0).asFloatBuffer().get(0, values);
        return values;
    }
}
