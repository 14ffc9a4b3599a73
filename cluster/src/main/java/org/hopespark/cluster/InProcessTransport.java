package org.hopespark.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.hopespark.model.FlatBuffer;

/** Workers that are threads of one JVM. */
public final class InProcessTransport implements Transport {
    private final int rank;
    private final List<Inbox> inboxes;

    private InProcessTransport(int rank, List<Inbox> inboxes) {
        this.rank = rank;
        this.inboxes = inboxes;
    }

    /** The transports of N workers, by rank. */
    public static List<Transport> group(int ranks) {
        List<Inbox> inboxes = IntStream.range(0, ranks)
                .mapToObj(rank -> new Inbox(rank, ranks))
                .toList();
        return IntStream.range(0, ranks)
                .<Transport>mapToObj(rank -> new InProcessTransport(rank, inboxes))
                .toList();
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int ranks() {
        return inboxes.size();
    }

    @Override
    public long generation() {
        return 1;
    }

    @Override
    public String address(int other) {
        return "this JVM";
    }

    @Override
    public CompletableFuture<Void> push(int to, Tag tag, FlatBuffer payload) {
        try {
            Inbox.Arrival arrival = inboxes.get(to).arrive(rank, Header.of(tag, payload));
            for (ByteBuffer slice : payload.slices()) {
                arrival.write(slice.duplicate());
            }
            arrival.complete();
            return CompletableFuture.completedFuture(null);
        } catch (IllegalStateException | DamagedMessageException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    @Override
    public CompletableFuture<Void> receive(int from, Tag tag, FlatBuffer target) {
        return inboxes.get(rank).receive(from, tag, target);
    }

    @Override
    public Optional<Tag> lastHeard(int other) {
        return inboxes.get(rank).lastHeard(other);
    }

    @Override
    public void close(String reason) {
        inboxes.get(rank).close(reason);
        for (Inbox inbox : inboxes) {
            inbox.lost(rank, new IOException("rank " + rank + " has left: " + reason));
        }
    }
}
