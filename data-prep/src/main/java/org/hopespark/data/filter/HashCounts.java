package org.hopespark.data.filter;

import org.hopespark.text.KeyedHash;

/** How often each of a bounded number of hashes came; open addressing. */
final class HashCounts {
    private final long[] hashes;
    private final int[] counts;
    private final int shift;
    private final KeyedHash keyed;

    HashCounts(int most) {
        this(most, KeyedHash.OF_PROCESS);
    }

    HashCounts(int most, KeyedHash keyed) {
        this.keyed = keyed;
        int bits = 64 - Long.numberOfLeadingZeros(2L * Math.max(most, 1) - 1);
        hashes = new long[1 << bits];
        counts = new int[1 << bits];
        shift = 64 - bits;
    }

    /** Counts a hash and returns the place where its count is kept. */
    int add(long hash) {
        long key = hash == 0 ? 1 : hash;
        int mask = hashes.length - 1;
        int place = (int) (keyed.of(key) >>> shift);
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
