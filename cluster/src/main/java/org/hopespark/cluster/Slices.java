package org.hopespark.cluster;

/**
 * Who owns which part of a vector: one slice a rank, equal in length but for one element, each cut into chunks.
 *
 * @param elements P
 * @param ranks N
 * @param chunkElements longest chunk
 */
record Slices(long elements, int ranks, int chunkElements) {

    /** Chunks of the longest slice. */
    long chunks() {
        long longest = (elements + ranks - 1) / ranks;
        return (longest + chunkElements - 1) / chunkElements;
    }

    /** First element of a chunk of a rank's slice. */
    long from(int rank, long chunk) {
        return Math.min(start(rank) + chunk * chunkElements, start(rank + 1));
    }

    /** The element after the last one of a chunk; equal to {@link #from} where the slice has no such chunk. */
    long to(int rank, long chunk) {
        return from(rank, chunk + 1);
    }

    private long start(int rank) {
        long quotient = elements / ranks;
        long remainder = elements % ranks;
        return rank * quotient + Math.min(rank, remainder);
    }
}
