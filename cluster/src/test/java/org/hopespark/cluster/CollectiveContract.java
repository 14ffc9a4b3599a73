package org.hopespark.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.hopespark.cluster.Workers.Outcome;
import org.hopespark.conf.WireFormat;
import org.hopespark.model.ElementType;
import org.hopespark.model.Exchange;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.QuantizedVector;
import org.hopespark.model.ReplicaMismatchException;
import org.hopespark.model.Slices;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a collective does over any transport. */
public abstract class CollectiveContract {
    private static final int FLOATS_PER_CHUNK = Collective.CHUNK_BYTES / Float.BYTES;

    /** Connected transports of N workers. */
    protected abstract List<Transport> group(int ranks);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7})
    void sumsEqualTheNaiveSumInRankOrderBitForBit(int ranks) {
        List<Integer> sizes = List.of(0, 1, 5, 1000, 3 * FLOATS_PER_CHUNK + 11);
        for (ElementType type : List.of(ElementType.FLOAT32, ElementType.FLOAT64)) {
            List<List<FlatBuffer>> parts = new ArrayList<>();
            for (int size : sizes) {
                parts.add(randomParts(type, ranks, size, size));
            }
            List<FlatBuffer> expected =
                    parts.stream().map(CollectiveContract::naiveSum).toList();

            List<Outcome<String>> outcomes = Workers.run(group(ranks), Workers.TIMEOUT, collective -> {
                int rank = collective.transport().rank();
                for (int i = 0; i < sizes.size(); i++) {
                    collective.sum(i + 1, 1, parts.get(i).get(rank));
                }
                return "done";
            });

            outcomes.forEach(Outcome::result);
            for (int i = 0; i < sizes.size(); i++) {
                for (FlatBuffer part : parts.get(i)) {
                    assertThat(bytes(part)).as("%s x %d", type, sizes.get(i)).isEqualTo(bytes(expected.get(i)));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "INT8")
    void aVectorLongerThanTheChunksInFlightMayLieInSeveralSlices(ElementType type) {
        int elements = 2 * (Collective.CHUNKS_IN_FLIGHT + 3) * (Collective.CHUNK_BYTES / type.bytes()) + 77;
        List<FlatBuffer> parts = randomParts(type, 2, elements, 3).stream()
                .map(whole -> new FlatBuffer(
                        type,
                        List.of(
                                whole.range(0, 333).slices().get(0),
                                whole.range(333, 1_000_001).slices().get(0),
                                whole.range(1_000_001, elements).slices().get(0))))
                .toList();
        FlatBuffer expected = naiveSum(parts);

        Workers.run(
                        group(2),
                        Workers.TIMEOUT,
                        collective -> collective.sum(
                                1, 1, parts.get(collective.transport().rank())))
                .forEach(Outcome::result);

        assertThat(parts.get(0).digest()).isEqualTo(parts.get(1).digest());
        assertThat(bytes(parts.get(0))).isEqualTo(bytes(expected));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void everyWorkerSendsAndReceivesExactlyItsShare(int ranks) {
        int elements = 10_007;
        List<FlatBuffer> parts = randomParts(ElementType.FLOAT32, ranks, elements, 4);

        List<Outcome<Exchange>> outcomes = Workers.run(
                group(ranks),
                Workers.TIMEOUT,
                collective ->
                        collective.sum(1, 1, parts.get(collective.transport().rank())));

        for (int rank = 0; rank < ranks; rank++) {
            Slices slices = Slices.of(elements, ranks);
            long owned = slices.to(rank) - slices.from(rank);
            long moved = (elements - owned + owned * (ranks - 1)) * Float.BYTES;
            Exchange exchange = outcomes.get(rank).result();
            assertThat(exchange.bytesSent()).as("sent by rank %d", rank).isEqualTo(moved);
            assertThat(exchange.bytesReceived()).as("received by rank %d", rank).isEqualTo(moved);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void ownersReduceTheirSlicesAndPublishThem(int ranks) {
        for (int size : List.of(7, 1000, 3 * FLOATS_PER_CHUNK + 11)) {
            List<FlatBuffer> parts = randomParts(ElementType.FLOAT32, ranks, size, size);
            FlatBuffer expected = naiveSum(parts);
            List<FlatBuffer> before = parts.stream()
                    .map(part -> new FlatBuffer(part.type(), List.of(ByteBuffer.wrap(bytes(part)))))
                    .toList();
            Slices slices = Slices.of(size, ranks);

            Workers.run(group(ranks), Workers.TIMEOUT, collective -> {
                        int rank = collective.transport().rank();
                        FlatBuffer values = parts.get(rank);
                        collective.startReduce(1, 1, values, slices).await();
                        FlatBuffer wanted = FlatBuffer.allocate(ElementType.FLOAT32, size);
                        wanted.copy(before.get(rank));
                        wanted.range(slices.from(rank), slices.to(rank))
                                .copy(expected.range(slices.from(rank), slices.to(rank)));
                        assertThat(bytes(values)).as("after the reduction").isEqualTo(bytes(wanted));
                        Collective.Gather gather = collective.startGather(1, 1, values, slices);
                        collective.allGather(1, new long[] {1});
                        return gather.send().await();
                    })
                    .forEach(Outcome::result);

            parts.forEach(part -> assertThat(bytes(part)).isEqualTo(bytes(expected)));
        }
    }

    /**
     * What is sent is rounded once, the sum of it once more, and nothing is lost: the rest stays where it was rounded.
     */
    @ParameterizedTest
    @CsvSource({"BFLOAT16, 2, 2", "INT8, 2, 1.0625", "BFLOAT16, 5, 2", "INT8, 5, 1.0625"})
    void roundedSumsAreEqualOnAllWorkersAndLeaveTheRestWithThem(WireFormat format, int ranks, double bytesANumber) {
        int size = 3 * FLOATS_PER_CHUNK + 16 * 11;
        Slices slices = Slices.of(size, ranks);
        List<FlatBuffer> parts = randomParts(ElementType.FLOAT32, ranks, size, 9);
        double[] all = new double[size];
        for (FlatBuffer part : parts) {
            addTo(all, part);
        }
        List<FlatBuffer> residuals = randomParts(ElementType.FLOAT32, ranks, size, 10);
        List<Outcome<Exchange>> outcomes = Workers.run(group(ranks), Workers.TIMEOUT, 2, collective -> {
            int rank = collective.transport().rank();
            FlatBuffer codes = FlatBuffer.allocate(ElementType.INT8, format.bytes(size));
            return collective
                    .startSum(1, 1, new QuantizedVector(format, parts.get(rank), residuals.get(rank), codes), slices)
                    .await();
        });

        long sent = outcomes.stream().mapToLong(o -> o.result().bytesSent()).sum();
        assertThat(sent).isEqualTo(Math.round(2 * (ranks - 1) * bytesANumber * size));
        parts.forEach(part -> assertThat(part.digest()).isEqualTo(parts.get(0).digest()));
        double[] kept = new double[size];
        addTo(kept, parts.get(0));
        for (FlatBuffer residual : residuals) {
            addTo(kept, residual);
        }
        for (int i = 0; i < size; i++) {
            // a float32 sum of numbers below 2^23
            assertThat(kept[i]).as("element %d", i).isCloseTo(all[i], within(ranks * 0.5));
        }
        assertThat(residuals.get(0).digest()).isNotEqualTo(residuals.get(1).digest());
    }

    private static void addTo(double[] sum, FlatBuffer vector) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += vector.slices().get(0).getFloat(i * Float.BYTES);
        }
    }

    @Test
    void operationsThatAreUnderWayTogetherEndLikeOneAfterTheOther() {
        int count = 9;
        List<List<FlatBuffer>> parts = IntStream.range(0, count)
                .mapToObj(i -> randomParts(ElementType.FLOAT32, 3, i * 300_000 + 5, i))
                .toList();
        List<FlatBuffer> expected =
                parts.stream().map(CollectiveContract::naiveSum).toList();

        Workers.run(group(3), Workers.TIMEOUT, collective -> {
                    int rank = collective.transport().rank();
                    List<Collective.Operation> operations = new ArrayList<>();
                    for (List<FlatBuffer> part : parts) {
                        // the ranks are not equally quick
                        Thread.sleep(20L * rank);
                        FlatBuffer values = part.get(rank);
                        operations.add(collective.startSum(1, 1, values, Slices.of(values.elements(), 3)));
                    }
                    operations.forEach(Collective.Operation::await);
                    return "done";
                })
                .forEach(Outcome::result);

        for (int i = 0; i < count; i++) {
            for (FlatBuffer part : parts.get(i)) {
                assertThat(bytes(part)).as("operation %d", i).isEqualTo(bytes(expected.get(i)));
            }
        }
    }

    @Test
    void roundsOfChangingDataDoNotDisturbEachOther() {
        int ranks = 3;
        int elements = 2 * FLOATS_PER_CHUNK;
        int rounds = 12;
        List<FlatBuffer> own = randomParts(ElementType.FLOAT32, ranks, elements, 0);
        List<Outcome<List<Long>>> outcomes = Workers.run(group(ranks), Workers.TIMEOUT, collective -> {
            int rank = collective.transport().rank();
            List<Long> digests = new ArrayList<>();
            for (int round = 1; round <= rounds; round++) {
                fill(own.get(rank), new SplittableRandom(100L * round + rank));
                collective.sum(round, 1, own.get(rank));
                digests.add(own.get(rank).digest());
            }
            return digests;
        });
        for (int round = 1; round <= rounds; round++) {
            List<FlatBuffer> parts = new ArrayList<>();
            for (int rank = 0; rank < ranks; rank++) {
                FlatBuffer part = FlatBuffer.allocate(ElementType.FLOAT32, elements);
                fill(part, new SplittableRandom(100L * round + rank));
                parts.add(part);
            }
            long expected = naiveSum(parts).digest();
            for (Outcome<List<Long>> outcome : outcomes) {
                assertThat(outcome.result().get(round - 1))
                        .as("round %d", round)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void everyoneLearnsEveryonesNumbers() {
        List<Outcome<long[][]>> outcomes = Workers.run(
                group(3),
                Workers.TIMEOUT,
                collective -> collective.allGather(
                        1, new long[] {collective.transport().rank(), 10, -1L << 60}));
        for (Outcome<long[][]> outcome : outcomes) {
            assertThat(outcome.result()).isEqualTo(new long[][] {
                {0, 10, -1L << 60}, {1, 10, -1L << 60}, {2, 10, -1L << 60}
            });
        }
    }

    @Test
    void aSilentRankIsNamedWithinTheDeadline() {
        long start = System.nanoTime();
        List<Outcome<Exchange>> outcomes = Workers.run(group(3), Duration.ofSeconds(1), collective -> {
            collective.allGather(7, new long[] {7});
            if (collective.transport().rank() == 1) {
                Thread.sleep(3000);
                return Exchange.NONE;
            }
            return collective.sum(8, 2, FlatBuffer.allocate(ElementType.FLOAT32, 1000));
        });
        assertThat(outcomes.get(0).error())
                .isInstanceOf(WorkerLostException.class)
                .hasMessageContaining("generation 1, step 8, level 2, reduce-scatter at rank 0")
                .hasMessageContaining("1 s without an answer of rank 1 (")
                .hasMessageContaining("last heard of in operation 0, opening");
        assertThat(((WorkerLostException) outcomes.get(0).error()).missing()).containsExactly(1);
        assertThat(outcomes.get(2).error()).isInstanceOf(WorkerLostException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void aRankThatLeavesIsNoticedByAllLongBeforeTheDeadline() {
        long start = System.nanoTime();
        List<Outcome<Exchange>> outcomes = Workers.run(group(3), Duration.ofSeconds(60), collective -> {
            collective.allGather(1, new long[] {1});
            if (collective.transport().rank() == 1) {
                Thread.sleep(300);
                collective.transport().close("out of memory");
                return Exchange.NONE;
            }
            return collective.sum(1, 3, FlatBuffer.allocate(ElementType.FLOAT32, 1000));
        });
        List<Throwable> errors =
                List.of(outcomes.get(0).error(), outcomes.get(2).error());
        assertThat(errors)
                .allSatisfy(error -> assertThat(error)
                        .isInstanceOf(WorkerLostException.class)
                        .hasMessageContaining("step 1, level 3, reduce-scatter at rank "));
        // whoever notices first leaves, too; the other one may hear of that first
        assertThat(errors).anySatisfy(error -> assertThat(error).hasMessageContaining("lost rank 1 ("));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void messagesMayComeLongBeforeTheyAreAskedForAndInAnotherOrder() throws Exception {
        List<Transport> transports = group(2);
        try (Transport first = transports.get(0);
                Transport second = transports.get(1)) {
            List<FlatBuffer> sent = randomParts(ElementType.FLOAT32, 3, 100_003, 8);
            for (int i = 0; i < 3; i++) {
                first.push(1, tag(i), sent.get(i)).get(10, TimeUnit.SECONDS);
            }
            for (int i : new int[] {2, 0, 1}) {
                FlatBuffer target = FlatBuffer.allocate(ElementType.FLOAT32, 100_003);
                second.receive(0, tag(i), target).get(10, TimeUnit.SECONDS);
                assertThat(target.digest()).isEqualTo(sent.get(i).digest());
            }
        }
    }

    @Test
    void aPushIsDoneWhenTheOtherSideHoldsAllAndThenTheBufferMayChange() throws Exception {
        List<Transport> transports = group(2);
        try (Transport first = transports.get(0);
                Transport second = transports.get(1)) {
            FlatBuffer reused = FlatBuffer.allocate(ElementType.FLOAT32, FLOATS_PER_CHUNK);
            for (int round = 0; round < 20; round++) {
                fill(reused, new SplittableRandom(round));
                long digest = reused.digest();
                FlatBuffer target = FlatBuffer.allocate(ElementType.FLOAT32, FLOATS_PER_CHUNK);
                CompletableFuture<Void> received = second.receive(0, tag(round), target);
                first.push(1, tag(round), reused).get(10, TimeUnit.SECONDS);
                assertThat(received).as("round %d", round).isCompleted();
                reused.clear();
                assertThat(target.digest()).as("round %d", round).isEqualTo(digest);
            }
        }
    }

    private static Tag tag(long operation) {
        return new Tag(operation, 1, 1, Phase.ALL_GATHER, 0);
    }

    @Test
    void closingTheTransportEndsABlockedCallAtOnce() {
        long start = System.nanoTime();
        List<Transport> transports = group(2);
        List<Outcome<Exchange>> outcomes = Workers.run(transports, Duration.ofSeconds(60), collective -> {
            if (collective.transport().rank() == 1) {
                Thread.sleep(300);
                transports.get(0).close("the task was cancelled");
                return Exchange.NONE;
            }
            return collective.sum(5, 1, FlatBuffer.allocate(ElementType.FLOAT32, 1000));
        });
        assertThat(outcomes.get(0).error())
                .isInstanceOf(CancellationException.class)
                .hasMessageContaining("step 5, level 1, reduce-scatter")
                .hasMessageContaining("the task was cancelled");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void ranksThatAddDifferentLevelsAreToldSo() {
        List<Outcome<Exchange>> outcomes = Workers.run(
                group(2),
                Workers.TIMEOUT,
                collective -> collective.sum(
                        4, 1 + collective.transport().rank(), FlatBuffer.allocate(ElementType.FLOAT32, 32)));
        assertThat(outcomes.get(0).error())
                .isInstanceOf(ReplicaMismatchException.class)
                .hasMessageContaining("rank 1 sends 64 bytes for operation 0, step 4, level 2")
                .hasMessageContaining("rank 0 is at operation 0, step 4, level 1");
    }

    private static List<FlatBuffer> randomParts(ElementType type, int ranks, int elements, long seed) {
        return IntStream.range(0, ranks)
                .mapToObj(rank -> {
                    FlatBuffer part = FlatBuffer.allocate(type, elements);
                    fill(part, new SplittableRandom(seed * 31 + rank));
                    return part;
                })
                .toList();
    }

    /** Values of very different size, so that the order of additions shows. */
    private static void fill(FlatBuffer part, SplittableRandom random) {
        ByteBuffer bytes = part.slices().get(0);
        for (int i = 0; i < part.elements(); i++) {
            double value = (random.nextFloat() - 0.5) * (1 << random.nextInt(24));
            if (part.type() == ElementType.FLOAT32) {
                bytes.putFloat(i * Float.BYTES, (float) value);
            } else {
                bytes.putDouble(i * Double.BYTES, value);
            }
        }
    }

    private static FlatBuffer naiveSum(List<FlatBuffer> parts) {
        FlatBuffer first = parts.get(0);
        int elements = (int) first.elements();
        FlatBuffer sum = FlatBuffer.allocate(first.type(), elements);
        ByteBuffer out = sum.slices().get(0);
        List<ByteBuffer> in = parts.stream()
                .map(part -> ByteBuffer.wrap(bytes(part)).order(out.order()))
                .toList();
        for (int i = 0; i < elements; i++) {
            if (first.type() == ElementType.FLOAT32) {
                float value = in.get(0).getFloat(i * Float.BYTES);
                for (ByteBuffer next : in.subList(1, in.size())) {
                    value += next.getFloat(i * Float.BYTES);
                }
                out.putFloat(i * Float.BYTES, value);
            } else {
                double value = in.get(0).getDouble(i * Double.BYTES);
                for (ByteBuffer next : in.subList(1, in.size())) {
                    value += next.getDouble(i * Double.BYTES);
                }
                out.putDouble(i * Double.BYTES, value);
            }
        }
        return sum;
    }

    private static byte[] bytes(FlatBuffer values) {
        byte[] bytes = new byte[Math.toIntExact(values.bytes())];
        int offset = 0;
        for (ByteBuffer slice : values.slices()) {
            slice.get(0, bytes, offset, slice.capacity());
            offset += slice.capacity();
        }
        return bytes;
    }
}
