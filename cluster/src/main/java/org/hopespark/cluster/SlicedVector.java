package org.hopespark.cluster;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.QuantizedVector;
import org.hopespark.model.Slices;

/**
 * A vector as it travels: of every rank one slice, of every slice chunks that are one message each. Chunk {@code c} of
 * a slice that is shorter than others may be empty.
 */
final class SlicedVector {
    private final FlatBuffer values;
    private final Optional<QuantizedVector> compressed;
    private final Slices slices;
    private final long chunkElements;
    private final long chunks;

    /**
     * A vector.
     *
     * @param compressed the same values where they are rounded for the wire
     */
    @SuppressWarnings("OptionalUsedAsFieldOrParameterType")
    SlicedVector(FlatBuffer values, Optional<QuantizedVector> compressed, Slices slices, long chunkElements) {
        this.values = values;
        this.compressed = compressed;
        this.slices = slices;
        this.chunkElements = chunkElements;
        this.chunks = slices.ranks() == 1
                ? 0
                : IntStream.range(0, slices.ranks())
                        .mapToLong(this::chunks)
                        .max()
                        .orElse(0);
    }

    /** Chunks of the longest slice; 0 where nobody else is there. */
    long chunks() {
        return chunks;
    }

    /** Chunks of one rank's slice that are not empty. */
    long chunks(int owner) {
        return (slices.to(owner) - slices.from(owner) + chunkElements - 1) / chunkElements;
    }

    /** What a message carries of a chunk. */
    FlatBuffer part(int owner, long chunk) {
        long from = from(owner, chunk);
        long to = from(owner, chunk + 1);
        return compressed.map(vector -> vector.codes(from, to)).orElseGet(() -> values.range(from, to));
    }

    /** First element of a chunk in the whole vector. */
    long from(int owner, long chunk) {
        return Math.min(slices.from(owner) + chunk * chunkElements, slices.to(owner));
    }

    /** Length of a chunk. */
    long elements(int owner, long chunk) {
        return from(owner, chunk + 1) - from(owner, chunk);
    }

    /** Rounds a chunk for the wire, where that is asked for. */
    void encode(int owner, long chunk) {
        compressed.ifPresent(vector -> vector.encode(from(owner, chunk), from(owner, chunk + 1)));
    }

    /**
     * Replaces a chunk of this rank's slice by its sum, added in rank order.
     *
     * @param parts one a rank, this rank's own included
     */
    void add(List<FlatBuffer> parts, int rank, long chunk) {
        if (compressed.isPresent()) {
            compressed.get().add(parts, rank, from(rank, chunk), from(rank, chunk + 1));
        } else {
            RankOrderSum.add(parts, parts.get(rank));
        }
    }

    /** Takes the slices of all ranks but this one from what was sent of them. */
    void decode(int rank) {
        int ranks = slices.ranks();
        compressed.ifPresent(arrived -> {
            for (int k = 1; k < ranks; k++) {
                int owner = (rank + k) % ranks;
                arrived.decode(slices.from(owner), slices.to(owner));
            }
        });
    }
}
