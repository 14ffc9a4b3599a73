package org.hopespark.data.bpe;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Counts the words of texts. */
public final class WordCounter {
    private final PreTokenizer words;
    private final Map<String, long[]> counts = new HashMap<>();

    public WordCounter(PreTokenizer words) {
        this.words = words;
    }

    /** Counts the words of a text. */
    public void add(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int begin = 0;
        while (begin < utf8.length) {
            int end = words.wordEnd(utf8, begin, utf8.length);
            String word = new String(utf8, begin, end - begin, StandardCharsets.ISO_8859_1);
            counts.computeIfAbsent(word, any -> new long[1])[0]++;
            begin = end;
        }
    }

    /** How many different words there were. */
    public int distinct() {
        return counts.size();
    }

    /** How often each occurred; a word is its bytes as characters U+0000 to U+00FF. */
    public Map<String, Long> counts() {
        Map<String, Long> result = new HashMap<>();
        counts.forEach((word, count) -> result.put(word, count[0]));
        return result;
    }
}
