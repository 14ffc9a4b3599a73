package org.hopespark.data.filter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;

/** The published rules written down once more, word for word and without regard to speed. */
final class Naive {
    private static final String CUTLESS = "\\p{IsIdeographic}\\u3041-\\u30FA";
    private static final String WORD = "[\\p{L}\\p{N}&&[^" + CUTLESS + "]]";
    private static final Pattern WORDS = Pattern.compile(WORD + "[\\p{L}\\p{N}\\p{M}\\p{Cf}&&[^" + CUTLESS + "]]*"
            + "(?:(?:['\u2019_](?=" + WORD + ")|(?<=[0-9])[.,](?=[0-9]))"
            + "[\\p{L}\\p{N}\\p{M}\\p{Cf}&&[^" + CUTLESS + "]]*)*"
            + "|[" + CUTLESS + "]"
            + "|([^\\s\\p{Z}\\p{Cc}])\\1*");

    private Naive() {}

    static List<String> words(String text) {
        return WORDS.matcher(text).results().map(match -> match.group()).toList();
    }

    static double topShare(String text, int n) {
        List<String> words = words(text);
        Map<String, Integer> counts = new HashMap<>();
        List<String> grams = new ArrayList<>();
        for (int i = 0; i + n <= words.size(); i++) {
            String gram = String.join(" ", words.subList(i, i + n));
            grams.add(gram);
            counts.merge(gram, 1, Integer::sum);
        }
        int most = counts.values().stream().mapToInt(x -> x).max().orElse(0);
        return grams.stream().filter(gram -> counts.getOrDefault(gram, 0) == most).findFirst().stream()
                        .mapToInt(String::length)
                        .sum()
                * (double) most
                / text.length();
    }

    static double duplicateShare(String text, int n) {
        List<String> words = words(text);
        Set<String> seen = new HashSet<>();
        int characters = 0;
        for (int i = 0; i + n <= words.size(); ) {
            String gram = String.join("", words.subList(i, i + n));
            if (seen.add(String.join(" ", words.subList(i, i + n)))) {
                i++;
            } else {
                characters += gram.length();
                i += n;
            }
        }
        return (double) characters / text.length();
    }

    /** Share of the parts that occurred before, and the characters in them. */
    static double[] duplicates(String text, String separator) {
        List<String> parts = Arrays.stream(text.split(separator))
                .filter(part -> !part.isEmpty())
                .toList();
        Set<String> seen = new HashSet<>();
        double again = 0;
        double characters = 0;
        for (String part : parts) {
            if (!seen.add(part)) {
                again++;
                characters += part.length();
            }
        }
        return new double[] {again / parts.size(), characters};
    }

    /** Text with much repetition and all kinds of characters. */
    static String randomText(Random random) {
        String[] vocabulary = {
            "the",
            "of",
            "and",
            "don't",
            "x_1",
            "3.14",
            "1,000",
            "na\u00efve",
            "cafe\u0301",
            "...",
            "\u2026",
            "#",
            "-",
            "\u2022",
            "--",
            "\u6771\u4eac",
            "\u3053\u3093",
            "\uD83D\uDE00",
            "\uD835\uDC00bc",
            "(well-known)",
            "'quoted'",
            "a",
            "to",
            "word",
            "language",
            "it\u2019s",
            "end.",
            "7'",
            "\u0645\u06cc\u200c\u062e"
        };
        int words = 1 + random.nextInt(150);
        int used = 1 + random.nextInt(vocabulary.length);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < words; i++) {
            text.append(vocabulary[random.nextInt(used)]);
            int next = random.nextInt(12);
            text.append(next == 0 ? "\n" : next == 1 ? "\n\n" : next == 2 ? "" : " ");
        }
        return text.append("x").toString();
    }
}
