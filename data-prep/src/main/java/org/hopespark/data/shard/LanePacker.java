package org.hopespark.data.shard;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Packs the documents of one lane, in the order in which they come, into rows of S+1 ids with stride S.
 *
 * <p>Each document is its start mark, its ids and its end mark, begins at a multiple of A, and is followed by padding
 * up to the next one ({@code docs/reference/formats.md}).
 */
final class LanePacker {
    private enum Kind {
        START,
        INNER,
        END,
        PADDING
    }

    private final int sequenceTokens;
    private final int alignTokens;
    private final int documentStart;
    private final int documentEnd;
    private final Consumer<ShardRow> rows;

    private long row;
    private int[] tokens;
    private int offset;
    private final Offsets starts = new Offsets();
    private final Offsets ends = new Offsets();
    private long document;
    private long firstDocument;

    LanePacker(Packing packing, int documentStart, int documentEnd, Consumer<ShardRow> rows) {
        sequenceTokens = packing.sequenceTokens();
        alignTokens = packing.alignTokens();
        this.documentStart = documentStart;
        this.documentEnd = documentEnd;
        this.rows = rows;
        tokens = new int[sequenceTokens + 1];
    }

    void add(long key, int[] ids) {
        while (offset % alignTokens != 0) {
            put(documentEnd, Kind.PADDING);
        }
        document = key;
        put(documentStart, Kind.START);
        for (int id : ids) {
            put(id, Kind.INNER);
        }
        put(documentEnd, Kind.END);
    }

    /** Fills the last row; a row that would hold only the id it shares with its neighbour is no row. */
    void finish() {
        if (offset > 1) {
            Arrays.fill(tokens, offset, sequenceTokens + 1, documentEnd);
            emit();
        }
    }

    private void put(int id, Kind kind) {
        if (offset == sequenceTokens) {
            tokens[offset] = id;
            if (kind == Kind.INNER || kind == Kind.END) {
                ends.add(sequenceTokens + 1);
            }
            emit();
        }
        place(id, kind);
    }

    private void place(int id, Kind kind) {
        if (offset == 0) {
            firstDocument = document;
        }
        if (kind == Kind.START) {
            starts.add(offset);
        } else if (kind == Kind.END) {
            ends.add(offset + 1);
        }
        tokens[offset++] = id;
    }

    private void emit() {
        PackedRow packed = new PackedRow(tokens, starts.take(), ends.take());
        rows.accept(new ShardRow(row++, packed, packed.realTokens(), firstDocument));
        tokens = new int[sequenceTokens + 1];
        offset = 0;
    }

    private static final class Offsets {
        private int[] values = new int[16];
        private int size;

        void add(int value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, 2 * size);
            }
            values[size++] = value;
        }

        int[] take() {
            int[] taken = Arrays.copyOf(values, size);
            size = 0;
            return taken;
        }
    }
}
