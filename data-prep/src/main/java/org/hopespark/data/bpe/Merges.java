package org.hopespark.data.bpe;

import java.util.Arrays;

/**
 * Which pairs of ids are merged into which id, in which order. Merging a word repeats: of all adjacent pairs take the
 * one with the least rank, of equal ones the leftmost, until no pair is left that can be merged.
 */
final class Merges {
    private static final long NONE = Long.MAX_VALUE;

    /** From here on looking through all pairs for the least costs more than a heap. */
    private static final int LONG_WORD = 64;

    /** Pairs (left << 32 | right) + 1, each followed by rank << 32 | merged. */
    private long[] table = new long[1 << 10];

    private int pairs;

    private int[] symbols = new int[LONG_WORD];
    private long[] ranks = new long[LONG_WORD];

    void put(int left, int right, int rank, int merged) {
        if (8 * (pairs + 1) > table.length * 2) {
            long[] old = table;
            table = new long[2 * old.length];
            pairs = 0;
            for (int i = 0; i < old.length; i += 2) {
                if (old[i] != 0) {
                    set(old[i], old[i + 1]);
                }
            }
        }
        set(((long) left << 32 | right) + 1, (long) rank << 32 | merged);
    }

    private void set(long key, long value) {
        int slot = slot(key);
        while (table[slot] != 0 && table[slot] != key) {
            slot = (slot + 2) & (table.length - 1);
        }
        if (table[slot] == 0) {
            pairs++;
        }
        table[slot] = key;
        table[slot + 1] = value;
    }

    private int slot(long key) {
        long hash = key * 0x9E3779B97F4A7C15L;
        return (int) (hash >>> 32) & (table.length - 2);
    }

    /** rank << 32 | merged, or {@link #NONE}. */
    private long of(int left, int right) {
        long key = ((long) left << 32 | right) + 1;
        for (int slot = slot(key); ; slot = (slot + 2) & (table.length - 1)) {
            if (table[slot] == key) {
                return table[slot + 1];
            } else if (table[slot] == 0) {
                return NONE;
            }
        }
    }

    /** Merges the bytes of a word and adds the ids that remain to a list. */
    void merge(byte[] utf8, int begin, int end, int[] idOfByte, IdList to) {
        int count = end - begin;
        if (symbols.length < count) {
            symbols = new int[count];
            ranks = new long[count];
        }
        for (int i = 0; i < count; i++) {
            symbols[i] = idOfByte[utf8[begin + i] & 0xFF];
        }
        for (int i = 0; i + 1 < count; i++) {
            ranks[i] = of(symbols[i], symbols[i + 1]);
        }
        ranks[count - 1] = NONE;
        to.addAll(symbols, count < LONG_WORD ? mergeShort(count) : mergeLong(count));
        if (symbols.length > 1 << 16) {
            symbols = new int[LONG_WORD];
            ranks = new long[LONG_WORD];
        }
    }

    private int mergeShort(int length) {
        int count = length;
        while (true) {
            int best = 0;
            for (int i = 1; i < count; i++) {
                if (ranks[i] < ranks[best]) {
                    best = i;
                }
            }
            if (ranks[best] == NONE) {
                return count;
            }
            symbols[best] = (int) ranks[best];
            System.arraycopy(symbols, best + 2, symbols, best + 1, count - best - 2);
            System.arraycopy(ranks, best + 2, ranks, best + 1, count - best - 2);
            count--;
            ranks[best] = best + 1 < count ? of(symbols[best], symbols[best + 1]) : NONE;
            if (best > 0) {
                ranks[best - 1] = of(symbols[best - 1], symbols[best]);
            }
        }
    }

    /** The same with a heap of (rank, place), whose entries are ignored once their place has another pair. */
    private int mergeLong(int count) {
        int[] next = new int[count];
        int[] previous = new int[count];
        LongHeap heap = new LongHeap(count);
        for (int i = 0; i < count; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
            push(heap, i);
        }
        while (!heap.isEmpty()) {
            long least = heap.pop();
            int at = (int) least;
            if (ranks[at] == NONE || ranks[at] >>> 32 != least >>> 32) {
                continue;
            }
            int gone = next[at];
            symbols[at] = (int) ranks[at];
            ranks[gone] = NONE;
            next[at] = next[gone];
            if (next[at] < count) {
                previous[next[at]] = at;
                ranks[at] = of(symbols[at], symbols[next[at]]);
                push(heap, at);
            } else {
                ranks[at] = NONE;
            }
            int before = previous[at];
            if (before >= 0) {
                ranks[before] = of(symbols[before], symbols[at]);
                push(heap, before);
            }
        }
        int kept = 0;
        for (int i = 0; i < count; i = next[i]) {
            symbols[kept++] = symbols[i];
        }
        return kept;
    }

    private void push(LongHeap heap, int at) {
        if (ranks[at] != NONE) {
            heap.push(ranks[at] >>> 32 << 32 | at);
        }
    }

    /** A binary heap, least first. */
    private static final class LongHeap {
        private long[] heap;
        private int size;

        LongHeap(int capacity) {
            heap = new long[capacity];
        }

        boolean isEmpty() {
            return size == 0;
        }

        void push(long value) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, 2 * size);
            }
            int at = size++;
            while (at > 0 && heap[(at - 1) / 2] > value) {
                heap[at] = heap[(at - 1) / 2];
                at = (at - 1) / 2;
            }
            heap[at] = value;
        }

        long pop() {
            long least = heap[0];
            long last = heap[--size];
            int at = 0;
            for (int child = 1; child < size; child = 2 * at + 1) {
                if (child + 1 < size && heap[child + 1] < heap[child]) {
                    child++;
                }
                if (heap[child] >= last) {
                    break;
                }
                heap[at] = heap[child];
                at = child;
            }
            heap[at] = last;
            return least;
        }
    }
}
