package org.hopespark.data.source;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;

/** Puts small things together: to begin a task, or a part, costs more than to read a thousand bytes. */
public final class Bundles {
    /** Enough to be worth a task. */
    private static final long BYTES = 4L << 20;

    /** Opening a file is worth something, too. */
    private static final int ITEMS = 1000;

    /** Up to so many files, each is a part of its own. */
    private static final int PARTS = 200;

    private Bundles() {}

    /**
     * What one task after the other does, in the order of the items. Results must not depend on it.
     *
     * @param bytes of an item
     * @param cores that are to have something to do
     */
    public static <T> List<List<T>> ofTasks(List<T> items, ToLongFunction<T> bytes, int cores) {
        long all = items.stream().mapToLong(bytes).sum();
        long most = Math.max(1, Math.min(BYTES, all / (4L * cores)));
        int count = Math.max(1, Math.min(ITEMS, items.size() / (4 * cores)));
        return bundles(items, bytes, item -> 0, most, count);
    }

    /**
     * The parts in which a corpus is read, each of some pieces. Of many files the small ones are read together, those
     * of one format in one input. It depends on the files alone: what is made of a part is a file.
     *
     * @param pieces in the order of their files
     */
    public static List<List<InputPart>> ofParts(List<InputPart> pieces) {
        if (pieces.size() <= PARTS) {
            return single(pieces);
        }
        record Kind(Input input, Format format) {}
        return bundles(
                pieces,
                piece -> piece.file().bytes(),
                piece -> new Kind(piece.file().input(), piece.file().format()),
                BYTES,
                ITEMS);
    }

    /** Each piece is a part. */
    public static List<List<InputPart>> single(List<InputPart> pieces) {
        return pieces.stream().map(List::of).toList();
    }

    /** Bundles of items that are alike; a bundle is where the first of its items is. */
    private static <T> List<List<T>> bundles(
            List<T> items, ToLongFunction<T> bytes, Function<T, Object> kind, long mostBytes, int mostItems) {
        List<List<T>> bundles = new ArrayList<>();
        Map<Object, Open<T>> open = new LinkedHashMap<>();
        for (T item : items) {
            long size = bytes.applyAsLong(item);
            Open<T> bundle = open.get(kind.apply(item));
            if (bundle == null || bundle.bytes + size > mostBytes || bundle.items.size() >= mostItems) {
                bundle = new Open<>();
                open.put(kind.apply(item), bundle);
                bundles.add(bundle.items);
            }
            bundle.items.add(item);
            bundle.bytes += size;
        }
        return bundles.stream().map(List::copyOf).toList();
    }

    private static final class Open<T> {
        private final List<T> items = new ArrayList<>();
        private long bytes;
    }
}
