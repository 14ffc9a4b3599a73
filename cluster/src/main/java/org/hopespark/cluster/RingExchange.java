package org.hopespark.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;

/**
 * Slices go round from rank to rank: every rank adds its part and passes the sum on, the sum of rank {@code r}'s slice
 * beginning at rank {@code r + 1}. Fewer connections than a {@link DirectExchange} has at once, more steps.
 *
 * <p>Only for values that are not rounded for the wire: a ring would round them at every rank.
 */
final class RingExchange implements SliceExchange {
    private final int rank;
    private final int ranks;
    private final int left;
    private final int right;
    private final StagingBuffers staging;
    private final Executor background;

    /**
     * A ring.
     *
     * @param background runs the operations one after the other
     */
    RingExchange(int rank, int ranks, StagingBuffers staging, Executor background) {
        this.rank = rank;
        this.ranks = ranks;
        this.left = (rank - 1 + ranks) % ranks;
        this.right = (rank + 1) % ranks;
        this.staging = staging;
        this.background = background;
    }

    /** A ring has a chunk of every slice in flight at once. */
    @Override
    public long chunkElements(ElementType type) {
        int most = Collective.CHUNK_BYTES / type.bytes();
        return Math.max(1, Math.min(most, (long) Collective.CHUNKS_IN_FLIGHT * most / ranks));
    }

    @Override
    public void reduce(Collective.Operation operation) {
        operation.attempt(() -> {
            for (long chunk = 0; chunk < operation.vector().chunks(); chunk++) {
                reduce(operation, chunk);
            }
            operation.complete();
        });
    }

    /** Adds the parts of a chunk on their way round, then passes the sums on. */
    private void reduce(Collective.Operation operation, long chunk) {
        if (operation.gathers()) {
            for (int k = 1; k < ranks; k++) {
                operation.receiveFinished((rank - k + ranks) % ranks, chunk);
            }
        }
        for (int k = 1; k < ranks; k++) {
            int outgoing = (rank - k + ranks) % ranks;
            int incoming = (rank - k - 1 + 2 * ranks) % ranks;
            FlatBuffer mine = operation.vector().part(incoming, chunk);
            FlatBuffer staged = staging.of(0, left, mine);
            List<PendingMessage> received = new ArrayList<>();
            operation.receive(left, incoming, chunk, Phase.REDUCE_SCATTER, staged, received);
            operation.push(right, outgoing, chunk, Phase.REDUCE_SCATTER);
            operation.await(received, Phase.REDUCE_SCATTER);
            RankOrderSum.add(List.of(staged, mine), mine);
        }
        if (operation.gathers()) {
            passOn(operation, chunk);
        }
    }

    @Override
    public void publish(Collective.Operation operation) {
        background.execute(() -> operation.attempt(() -> {
            for (long chunk = 0; chunk < operation.vector().chunks(); chunk++) {
                passOn(operation, chunk);
            }
            operation.complete();
        }));
    }

    /** Sends this rank's sum to the right, then whatever comes from the left. */
    private void passOn(Collective.Operation operation, long chunk) {
        SlicedVector vector = operation.vector();
        int message = messagesBefore(vector, chunk);
        for (int k = 0; k < ranks - 1; k++) {
            int owner = (rank - k + ranks) % ranks;
            if (k > 0 && vector.elements(owner, chunk) > 0) {
                operation.awaitFinished(message++);
            }
            operation.push(right, owner, chunk, Phase.ALL_GATHER);
        }
    }

    /** How many messages with finished slices belong to earlier chunks. */
    private int messagesBefore(SlicedVector vector, long chunk) {
        int count = 0;
        for (int owner = 0; owner < ranks; owner++) {
            if (owner != rank) {
                count += (int) Math.min(chunk, vector.chunks(owner));
            }
        }
        return count;
    }

    @Override
    public int sourceOf(int owner) {
        return left;
    }
}
