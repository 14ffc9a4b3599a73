package org.hopespark.cluster;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;

/**
 * Every rank sends each slice to its owner, who adds in rank order and sends the sum to everyone.
 *
 * <p>Chunks of an operation, and of the ones behind it, travel while the owner of an earlier one still waits for its
 * parts.
 */
final class DirectExchange implements SliceExchange {
    private final int rank;
    private final int ranks;
    private final StagingBuffers staging;
    /** Chunks that were sent and wait to be added, oldest first, each operation followed by its completion. */
    private final Deque<Runnable> inFlight = new ArrayDeque<>();

    private long slots;

    DirectExchange(int rank, int ranks, StagingBuffers staging) {
        this.rank = rank;
        this.ranks = ranks;
        this.staging = staging;
    }

    @Override
    public long chunkElements(ElementType type) {
        return Collective.CHUNK_BYTES / type.bytes();
    }

    @Override
    public void reduce(Collective.Operation operation) {
        if (inFlight.isEmpty()) {
            // short operations far apart need the buffers of one slot only
            slots = 0;
        }
        for (long each = 0; each < operation.vector().chunks(); each++) {
            if (inFlight.size() == Collective.CHUNKS_IN_FLIGHT) {
                inFlight.remove().run();
            }
            long chunk = each;
            int slot = (int) (slots++ % Collective.CHUNKS_IN_FLIGHT);
            List<PendingMessage> parts = new ArrayList<>();
            operation.attempt(() -> scatter(operation, chunk, slot, parts));
            inFlight.add(() -> operation.attempt(() -> add(operation, chunk, slot, parts)));
        }
        inFlight.add(operation::complete);
        if (inFlight.size() > Collective.CHUNKS_IN_FLIGHT) {
            inFlight.remove().run();
        }
    }

    /**
     * Finishes the oldest chunk in flight.
     *
     * @return false when there is none
     */
    boolean finishOldest() {
        Runnable oldest = inFlight.poll();
        if (oldest == null) {
            return false;
        }
        oldest.run();
        return true;
    }

    /** Finishes all chunks in flight, oldest first. */
    void finishAll() {
        while (!inFlight.isEmpty()) {
            inFlight.remove().run();
        }
    }

    /**
     * Sends a chunk of every slice to its owner, and asks for everything that comes back for it.
     *
     * <p>The owner's sum overwrites the chunk that is on its way to the owner; that is safe, because the sum cannot
     * exist before the owner has all of it.
     */
    private void scatter(Collective.Operation operation, long chunk, int slot, List<PendingMessage> parts) {
        SlicedVector vector = operation.vector();
        for (int k = 1; k < ranks; k++) {
            int from = (rank - k + ranks) % ranks;
            int to = (rank + k) % ranks;
            FlatBuffer staged = staging.of(slot, from, vector.part(rank, chunk));
            operation.receive(from, rank, chunk, Phase.REDUCE_SCATTER, staged, parts);
            if (operation.gathers()) {
                operation.receiveFinished(to, chunk);
            }
            vector.encode(to, chunk);
            operation.push(to, to, chunk, Phase.REDUCE_SCATTER);
        }
    }

    /** Adds a chunk of this rank's slice and, where the sum is for all, sends it to everyone. */
    private void add(Collective.Operation operation, long chunk, int slot, List<PendingMessage> received) {
        operation.await(received, Phase.REDUCE_SCATTER);
        FlatBuffer mine = operation.vector().part(rank, chunk);
        List<FlatBuffer> parts = new ArrayList<>();
        for (int other = 0; other < ranks; other++) {
            parts.add(other == rank ? mine : staging.of(slot, other, mine));
        }
        operation.vector().add(parts, rank, chunk);
        if (operation.gathers()) {
            publish(operation, chunk);
        }
    }

    @Override
    public void publish(Collective.Operation operation) {
        for (long chunk = 0; chunk < operation.vector().chunks(); chunk++) {
            publish(operation, chunk);
        }
        operation.complete();
    }

    private void publish(Collective.Operation operation, long chunk) {
        for (int k = 1; k < ranks; k++) {
            operation.push((rank + k) % ranks, rank, chunk, Phase.ALL_GATHER);
        }
    }

    @Override
    public int sourceOf(int owner) {
        return owner;
    }
}
