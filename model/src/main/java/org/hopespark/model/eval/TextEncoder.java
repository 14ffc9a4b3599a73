package org.hopespark.model.eval;

/** Turns text into the ids a model was trained on. */
public interface TextEncoder {
    /** The ids of {@code text}, without any special id around them. */
    int[] encode(String text);

    /** The text that ids stand for. */
    String decode(int[] ids);

    /** The id that a text begins after: the begin-of-text id, else the end-of-text id. */
    int prefixToken();

    /** Shown beside results, such as {@code gpt2}. */
    String name();

    /** Differs whenever {@link #encode} may. */
    String fingerprint();
}
