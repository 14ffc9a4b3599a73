package org.hopespark.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.junit.jupiter.api.Test;

final class InboxTest {
    private final Inbox inbox = new Inbox(0, 2);

    @Test
    void whatComesEarlyIsHeldUntilAskedFor() throws Exception {
        deliver(0, 5);
        FlatBuffer target = FlatBuffer.allocate(ElementType.FLOAT32, 2);
        assertThat(inbox.receive(1, tag(0), target)).isCompleted();
        assertThat(target.slices().get(0).get(7)).isEqualTo((byte) 5);
    }

    @Test
    void whatIsAskedForWhileItArrivesGoesOnInTheTarget() throws Exception {
        Inbox.Arrival arrival = inbox.arrive(1, header(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
        arrival.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}));
        ByteBuffer whole = ByteBuffer.allocate(12);
        FlatBuffer target = new FlatBuffer(ElementType.FLOAT32, List.of(whole.slice(0, 4), whole.slice(4, 8)));

        CompletableFuture<Void> done = inbox.receive(1, tag(0), target);
        assertThat(done).isNotDone();
        assertThat(whole.array()).startsWith(1, 2, 3, 4, 5, 0);
        Pipe pipe = Pipe.open();
        try (Pipe.SinkChannel in = pipe.sink();
                Pipe.SourceChannel out = pipe.source()) {
            in.write(ByteBuffer.wrap(new byte[] {6, 7, 8, 9, 10, 11, 12, 13}));
            assertThat(arrival.read(out, 7)).isEqualTo(7);
        }
        arrival.complete();
        assertThat(done).isCompleted();
        assertThat(whole.array()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    }

    @Test
    void whatNobodyWantsAnyMoreIsReadAndDropped() throws Exception {
        FlatBuffer target = FlatBuffer.allocate(ElementType.FLOAT32, 2);
        CompletableFuture<Void> done = inbox.receive(1, tag(0), target);
        Inbox.Arrival arrival = inbox.arrive(1, header(0, 1, 2, 3, 4, 5, 6, 7, 8));
        inbox.close("test");
        Pipe pipe = Pipe.open();
        try (Pipe.SinkChannel in = pipe.sink();
                Pipe.SourceChannel out = pipe.source()) {
            in.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9}));
            assertThat(arrival.read(out, 8)).isEqualTo(8);
        }
        assertThat(done).isCancelled();
        assertThat(target.slices().get(0).getLong(0)).isZero();
    }

    @Test
    void whatNobodyAsksForIsHeldOnlyUpToABound() {
        long chunk = Collective.CHUNK_BYTES;
        int room = Collective.CHUNKS_IN_FLIGHT + 2;
        for (int i = 0; i < room; i++) {
            inbox.arrive(1, new Header(tag(i), chunk, 0)).fail(new IllegalStateException("not needed here"));
        }
        for (long bytes : new long[] {1, chunk, 1L << 40, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> inbox.arrive(1, new Header(tag(room), bytes, 0)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("rank 0 holds " + room * chunk + " bytes of rank 1 that it did not ask for");
        }
    }

    @Test
    void nothingIsWrittenToATargetAfterTheInboxIsClosed() throws Exception {
        FlatBuffer target = FlatBuffer.allocate(ElementType.FLOAT32, 2);
        CompletableFuture<Void> done = inbox.receive(1, tag(0), target);
        Inbox.Arrival arrival = inbox.arrive(1, header(0, 1, 2, 3, 4, 5, 6, 7, 8));
        inbox.close("test");
        arrival.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}));
        arrival.complete();
        assertThat(done).isCancelled();
        assertThat(target.slices().get(0).getLong(0)).isZero();
    }

    @Test
    void whatALostRankHasSentStays() throws Exception {
        deliver(0, 9);
        inbox.lost(1, new IllegalStateException("gone"));
        FlatBuffer target = FlatBuffer.allocate(ElementType.FLOAT32, 2);
        assertThat(inbox.receive(1, tag(0), target)).isCompleted();
        assertThat(inbox.receive(1, tag(1), target)).isCompletedExceptionally();
    }

    @Test
    void whatIsNotWhatWasSentReachesNobody() throws Exception {
        FlatBuffer target = FlatBuffer.allocate(ElementType.FLOAT32, 2);
        CompletableFuture<Void> asked = inbox.receive(1, tag(0), target);
        for (long operation = 0; operation < 2; operation++) {
            Inbox.Arrival arrival = inbox.arrive(1, header(operation, 1, 2, 3, 4, 5, 6, 7, 8));
            arrival.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7 ^ 16, 8}));
            assertThatThrownBy(arrival::complete)
                    .isInstanceOf(DamagedMessageException.class)
                    .hasMessageMatching(
                            "a message of rank 1 arrived damaged \\(operation [01], step 1, level 1, all-gather"
                                    + " at element 0\\): the checksum of its 8 bytes is [0-9a-f]+, sent was [0-9a-f]+");
        }
        assertThat(asked).isCompletedExceptionally();
        assertThat(inbox.receive(1, tag(1), target)).as("held").isCompletedExceptionally();
    }

    @Test
    void everyFlippedBitOfAHeaderIsFound() throws Exception {
        Header header = header(3, 1, 2, 3, 4);
        byte[] bytes = new byte[Header.BYTES];
        header.encode(ByteBuffer.wrap(bytes));
        assertThat(Header.decode(ByteBuffer.wrap(bytes))).isEqualTo(header);
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> Header.decode(ByteBuffer.wrap(flipped)))
                    .as("bit %d", bit)
                    .isInstanceOf(DamagedMessageException.class)
                    .hasMessageContaining("the header of a message arrived damaged");
        }
    }

    private void deliver(long operation, int value) throws DamagedMessageException {
        byte[] bytes = new byte[8];
        Arrays.fill(bytes, (byte) value);
        Inbox.Arrival arrival =
                inbox.arrive(1, header(operation, value, value, value, value, value, value, value, value));
        arrival.write(ByteBuffer.wrap(bytes, 0, 3));
        arrival.write(ByteBuffer.wrap(bytes, 3, 5));
        arrival.complete();
    }

    private static Header header(long operation, int... bytes) {
        ByteBuffer payload = ByteBuffer.allocate(bytes.length);
        for (int each : bytes) {
            payload.put((byte) each);
        }
        return Header.of(tag(operation), new FlatBuffer(ElementType.INT8, List.of(payload.flip())));
    }

    private static Tag tag(long operation) {
        return new Tag(operation, 1, 1, Phase.ALL_GATHER, 0);
    }
}
