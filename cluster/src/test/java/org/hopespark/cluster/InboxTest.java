package org.hopespark.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.junit.jupiter.api.Test;

final class InboxTest {
    private final Inbox inbox = new Inbox(0, 2);

    @Test
    void whatComesEarlyIsHeldUntilAskedFor() {
        deliver(0, (byte) 5);
        FlatBuffer target = FlatBuffer.allocate(ElementType.FLOAT32, 2);
        assertThat(inbox.receive(1, tag(0), target)).isCompleted();
        assertThat(target.slices().get(0).get(7)).isEqualTo((byte) 5);
    }

    @Test
    void whatIsAskedForWhileItArrivesGoesOnInTheTarget() throws Exception {
        Inbox.Arrival arrival = inbox.arrive(1, tag(0), 12);
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
        Inbox.Arrival arrival = inbox.arrive(1, tag(0), 8);
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
            inbox.arrive(1, tag(i), chunk).fail(new IllegalStateException("not needed here"));
        }
        assertThatThrownBy(() -> inbox.arrive(1, tag(room), chunk))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("rank 0 holds " + room * chunk + " bytes of rank 1 that it did not ask for");
    }

    @Test
    void nothingIsWrittenToATargetAfterTheInboxIsClosed() {
        FlatBuffer target = FlatBuffer.allocate(ElementType.FLOAT32, 2);
        CompletableFuture<Void> done = inbox.receive(1, tag(0), target);
        Inbox.Arrival arrival = inbox.arrive(1, tag(0), 8);
        inbox.close("test");
        arrival.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}));
        arrival.complete();
        assertThat(done).isCancelled();
        assertThat(target.slices().get(0).getLong(0)).isZero();
    }

    @Test
    void whatALostRankHasSentStays() {
        deliver(0, (byte) 9);
        inbox.lost(1, new IllegalStateException("gone"));
        FlatBuffer target = FlatBuffer.allocate(ElementType.FLOAT32, 2);
        assertThat(inbox.receive(1, tag(0), target)).isCompleted();
        assertThat(inbox.receive(1, tag(1), target)).isCompletedExceptionally();
    }

    private void deliver(long operation, byte value) {
        Inbox.Arrival arrival = inbox.arrive(1, tag(operation), 8);
        arrival.write(ByteBuffer.wrap(new byte[] {value, value, value}));
        arrival.write(ByteBuffer.wrap(new byte[] {value, value, value, value, value}));
        arrival.complete();
    }

    private static Tag tag(long operation) {
        return new Tag(operation, 1, 1, Phase.ALL_GATHER, 0);
    }
}
