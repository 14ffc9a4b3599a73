package org.hopespark.data.bpe;

import java.util.Arrays;

/** A growing list of ids. */
final class IdList {
    private int[] ids = new int[4];
    private int size;

    int size() {
        return size;
    }

    int get(int index) {
        return ids[index];
    }

    void set(int index, int id) {
        ids[index] = id;
    }

    void clear() {
        size = 0;
    }

    void add(int id) {
        if (size == ids.length) {
            grow(1);
        }
        ids[size++] = id;
    }

    void addAll(int[] from, int count) {
        if (ids.length - size < count) {
            grow(count);
        }
        System.arraycopy(from, 0, ids, size, count);
        size += count;
    }

    private void grow(int count) {
        ids = Arrays.copyOf(ids, (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(2L * size, (long) size + count)));
    }

    int[] toArray() {
        return Arrays.copyOf(ids, size);
    }
}
