package org.hopespark.model.eval.longcontext;

import java.util.Arrays;
import java.util.function.ToIntFunction;

/** The start of a text. */
final class Prefix {
    private Prefix() {}

    /** The most whole words that have at most {@code tokens} tokens; white space is kept as it is. */
    static String ofWords(String text, int tokens, ToIntFunction<String> countTokens) {
        int[] ends = ends(text);
        int fitting = 0;
        int tooMany = ends.length;
        // Doubling first: a long text's whole need not be counted.
        for (int next = 1; next < tooMany; next *= 2) {
            if (countTokens.applyAsInt(text.substring(0, ends[next])) <= tokens) {
                fitting = next;
            } else {
                tooMany = next;
            }
        }
        while (tooMany - fitting > 1) {
            int middle = (fitting + tooMany) >>> 1;
            if (countTokens.applyAsInt(text.substring(0, ends[middle])) <= tokens) {
                fitting = middle;
            } else {
                tooMany = middle;
            }
        }
        return text.substring(0, ends[fitting]);
    }

    /** Place i is where the first i words end. */
    private static int[] ends(String text) {
        int[] result = new int[text.length() / 2 + 2];
        int words = 0;
        for (int i = 0; i < text.length(); i++) {
            boolean last = i + 1 == text.length() || Character.isWhitespace(text.charAt(i + 1));
            if (last && !Character.isWhitespace(text.charAt(i))) {
                words++;
                result[words] = i + 1;
            }
        }
        return Arrays.copyOf(result, words + 1);
    }
}
