package org.hopespark.data.filter;

/** Hashes of 64 bits that are never 0: two texts of one document are taken for equal if theirs are. */
final class Hashes {
    static final long SEED = 0xCBF29CE484222325L;
    private static final long PRIME = 0x100000001B3L;
    private static final long ORDER = 0x9E3779B97F4A7C15L;

    private Hashes() {}

    /** FNV-1a over UTF-16 units. */
    static long add(long hash, char c) {
        return (hash ^ c) * PRIME;
    }

    /** Spreads a hash over all 64 bits (MurmurHash3's finalizer). */
    static long finish(long hash) {
        long h = (hash ^ (hash >>> 33)) * 0xFF51AFD7ED558CCDL;
        h = (h ^ (h >>> 33)) * 0xC4CEB9FE1A85EC53L;
        h ^= h >>> 33;
        return h == 0 ? 1 : h;
    }

    /** Hash of a sequence out of that of what comes before its last item and of that item; polynomial. */
    static long append(long sequence, long item) {
        return sequence * ORDER + item;
    }

    static long of(CharSequence text) {
        long hash = SEED;
        for (int i = 0; i < text.length(); i++) {
            hash = add(hash, text.charAt(i));
        }
        return finish(hash);
    }
}
