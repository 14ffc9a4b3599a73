package org.hopespark.data.bpe;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.hopespark.text.KeyedHash;

/**
 * Words and their ids: an open-addressed table of places in one array, where an entry is a header (length of the word,
 * number of ids, first id), the bytes of the word, eight to a {@code long}, and the other ids.
 */
final class WordTable {
    private static final int MAX_BYTES = 0xFFFF;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final KeyedHash keyed;
    private final int[] slots;
    private long[] entries = new long[1 << 12];
    private int used = 1; // 0 in a slot says that it is free
    private int words;

    /** An empty table with room for some words. */
    WordTable(int expectedWords) {
        this(expectedWords, KeyedHash.OF_PROCESS);
    }

    WordTable(int expectedWords, KeyedHash keyed) {
        this.keyed = keyed;
        slots = new int[Integer.highestOneBit(Math.max(16, expectedWords)) << 2];
    }

    int words() {
        return words;
    }

    /** How much of the memory is in use, in {@code long}s. */
    int used() {
        return used;
    }

    void clear() {
        Arrays.fill(slots, 0);
        used = 1;
        words = 0;
    }

    /** The next bytes, up to eight, the first one lowest. */
    private static long chunk(byte[] utf8, int at, int end) {
        int count = end - at;
        if (at + Long.BYTES <= utf8.length) {
            long eight = (long) LONGS.get(utf8, at);
            return count >= Long.BYTES ? eight : eight & ((1L << (count << 3)) - 1);
        }
        long chunk = 0;
        for (int i = Math.min(count, Long.BYTES) - 1; i >= 0; i--) {
            chunk = chunk << 8 | (utf8[at + i] & 0xFF);
        }
        return chunk;
    }

    /** The hash of a word in this table. */
    int hash(byte[] utf8, int begin, int end) {
        long hash = (long) end - begin;
        for (int at = begin; at < end; at += Long.BYTES) {
            hash = keyed.of(hash ^ chunk(utf8, at, end));
        }
        return (int) (hash ^ (hash >>> 32));
    }

    /** The place of a word's entry; 0 if it has none. */
    int find(byte[] utf8, int begin, int end) {
        return words == 0 ? 0 : find(utf8, begin, end, hash(utf8, begin, end));
    }

    /** The same for a word whose hash is known. */
    int find(byte[] utf8, int begin, int end, int hash) {
        int mask = slots.length - 1;
        for (int slot = hash & mask; ; slot = (slot + 1) & mask) {
            int entry = slots[slot];
            if (entry == 0 || isAt(entry, utf8, begin, end)) {
                return entry;
            }
        }
    }

    private boolean isAt(int entry, byte[] utf8, int begin, int end) {
        if ((entries[entry] & MAX_BYTES) != end - begin) {
            return false;
        }
        int key = entry;
        for (int at = begin; at < end; at += Long.BYTES) {
            if (entries[++key] != chunk(utf8, at, end)) {
                return false;
            }
        }
        return true;
    }

    /** The first id of an entry. */
    int id(int entry) {
        return (int) (entries[entry] >>> 32);
    }

    /** Adds the ids of an entry to a list. */
    void copyIds(int entry, IdList to) {
        long header = entries[entry];
        to.add((int) (header >>> 32));
        int count = (int) (header >>> 16) & 0xFFFF;
        if (count > 1) {
            int at = entry + chunks((int) header & MAX_BYTES);
            for (int i = 1; i < count; i++) {
                to.add((int) entries[at + i]);
            }
        }
    }

    /** Enters a word of one id. */
    void put(Token token) {
        byte[] bytes = token.bytes();
        IdList ids = new IdList();
        ids.add(token.id());
        put(bytes, 0, bytes.length, hash(bytes, 0, bytes.length), ids, 0);
    }

    /** Gives a word that has no entry the ids of a list from a place to its end. */
    void put(byte[] utf8, int begin, int end, int hash, IdList ids, int from) {
        int chunks = chunks(end - begin);
        int count = ids.size() - from;
        if (end - begin > MAX_BYTES || 2 * words >= slots.length) {
            throw new IllegalArgumentException(
                    "no room for a word of " + (end - begin) + " bytes behind " + words + " words");
        }
        int length = 1 + chunks + count - 1;
        if (entries.length - used < length) {
            entries = Arrays.copyOf(entries, Math.max(2 * entries.length, used + length));
        }
        int entry = used;
        entries[entry] = (long) ids.get(from) << 32 | (long) count << 16 | (end - begin);
        int key = entry;
        for (int at = begin; at < end; at += Long.BYTES) {
            entries[++key] = chunk(utf8, at, end);
        }
        for (int i = 1; i < count; i++) {
            entries[entry + chunks + i] = ids.get(from + i);
        }
        used += length;
        words++;
        link(entry, hash);
    }

    private void link(int entry, int hash) {
        int mask = slots.length - 1;
        int slot = hash & mask;
        while (slots[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        slots[slot] = entry;
    }

    private static int chunks(int bytes) {
        return (bytes + Long.BYTES - 1) / Long.BYTES;
    }
}
