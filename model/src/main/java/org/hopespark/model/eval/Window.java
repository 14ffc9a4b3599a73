package org.hopespark.model.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One sequence to score: context, then the targets. */
public final class Window {
    private final int[] ids;
    private final int targets;

    /** Takes {@code ids} over; the last {@code targets} of them are scored. */
    Window(int[] ids, int targets) {
        if (targets < 1 || targets >= ids.length) {
            throw new IllegalArgumentException(
                    "targets must lie in 1.." + (ids.length - 1) + " for " + ids.length + " ids, got " + targets);
        }
        this.ids = ids;
        this.targets = targets;
    }

    /** All ids, not to be written. */
    public int[] ids() {
        return ids;
    }

    /** How many ids at the end are scored. */
    public int targets() {
        return targets;
    }

    /** The ids before the targets. */
    public int[] context() {
        return Arrays.copyOf(ids, ids.length - targets);
    }

    /** The ids that are scored. */
    public int[] continuation() {
        return Arrays.copyOfRange(ids, ids.length - targets, ids.length);
    }

    /**
     * Cuts a document into windows that score every id exactly once.
     *
     * <p>The first predicts up to M ids from the prefix token and the ids before them; each next one predicts M more
     * with one id of context. A last window that has fewer than M left to predict is filled up to M inputs with
     * context, as in the reference.
     */
    static List<Window> rolling(int[] document, int prefixToken, int maxTokens) {
        List<Window> result = new ArrayList<>();
        if (document.length > 0) {
            int first = Math.min(maxTokens, document.length);
            result.add(new Window(prepend(prefixToken, Arrays.copyOf(document, first)), first));
        }
        for (int done = maxTokens; done < document.length; done += maxTokens) {
            int end = Math.min(document.length, done + maxTokens);
            result.add(new Window(Arrays.copyOfRange(document, end - maxTokens - 1, end), end - done));
        }
        return result;
    }

    static int[] prepend(int id, int[] ids) {
        int[] result = new int[ids.length + 1];
        result[0] = id;
        System.arraycopy(ids, 0, result, 1, ids.length);
        return result;
    }
}
