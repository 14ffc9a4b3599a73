package org.hopespark.model.eval;

import java.util.HashMap;
import java.util.Map;

/**
 * chrF (Popovi\u0107 2015): how alike two texts are by their runs of 1 to 6 characters, white space left out, as an
 * F-score that weighs recall twice. Counts of several texts add up to the score of a corpus, as in sacreBLEU 2 by
 * default.
 */
final class ChrF {
    private static final int ORDER = 6;
    private static final double BETA_SQUARED = 4;

    private final long[] written = new long[ORDER];
    private final long[] expected = new long[ORDER];
    private final long[] common = new long[ORDER];

    /** Counts one text. */
    ChrF add(String text, String reference) {
        int[] ours = characters(text);
        int[] theirs = characters(reference);
        for (int n = 1; n <= ORDER; n++) {
            Map<String, Integer> known = runs(theirs, n);
            Map<String, Integer> found = runs(ours, n);
            if (!known.isEmpty()) {
                written[n - 1] += sum(found);
            }
            expected[n - 1] += sum(known);
            for (Map.Entry<String, Integer> run : found.entrySet()) {
                common[n - 1] += Math.min(run.getValue(), known.getOrDefault(run.getKey(), 0));
            }
        }
        return this;
    }

    /** From 0 to 100. */
    double score() {
        double precision = 0;
        double recall = 0;
        int orders = 0;
        for (int n = 0; n < ORDER; n++) {
            if (written[n] > 0 && expected[n] > 0) {
                precision += (double) common[n] / written[n];
                recall += (double) common[n] / expected[n];
                orders++;
            }
        }
        if (orders == 0 || precision + recall == 0) {
            return 0;
        }
        precision /= orders;
        recall /= orders;
        return 100 * (1 + BETA_SQUARED) * precision * recall / (BETA_SQUARED * precision + recall);
    }

    private static int[] characters(String text) {
        return text.codePoints().filter(c -> !PythonText.isSpace(c)).toArray();
    }

    private static Map<String, Integer> runs(int[] characters, int length) {
        Map<String, Integer> runs = new HashMap<>();
        for (int from = 0; from + length <= characters.length; from++) {
            runs.merge(new String(characters, from, length), 1, Integer::sum);
        }
        return runs;
    }

    private static long sum(Map<String, Integer> runs) {
        return runs.values().stream().mapToLong(Integer::intValue).sum();
    }
}
