package org.hopespark.data.filter;

/** How often each of a bounded number of hashes came; open addressing. */
final class HashCounts {
    private final long[] hashes;
    private final int[] counts;
    private final int shift;

    HashCounts(int most) {
        int bits = 64 - Long.numberOfLeadingZeros(2L * Math.max(most, 1) - 1);
        hashes = new long[1 << bits];
        counts = new int[1 << bits];
        shift = 64 - bits;
    }

    /** Counts a hash and tells the place where its count is kept. */
    int add(long hash) {
        long key = hash == 0 ? 1 : hash;
        int mask = hashes.length - 1;
        int place = (int) ((key * 0x9E3779B97F4A7C15L) >>> shift);
        while (hashes[place] != key) {
            if (hashes[place] == 0) {
                hashes[place] = key;
                break;
            }
            place = (place + 1) & mask;
        }
        counts[place]++;
        return place;
    }

    int count(int place) {
        return counts[place];
    }
}
