package org.hopespark.data.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.hopespark.data.source.Document;

/**
 * What some documents are like.
 *
 * @param lengths how many have a UTF-8 length of 2^i to 2^(i+1) - 1 bytes, by i; the first counts empty ones, too
 * @param languages how many are of each language; of those alone whose language was looked for
 */
public record Profile(List<Long> lengths, Map<String, Long> languages) {
    /** Where the stage that identifies languages writes what it found. */
    public static final String LANGUAGE = "language";

    /** Of no documents. */
    public static final Profile NONE = new Profile(List.of(), Map.of());

    public Profile {
        lengths = List.copyOf(lengths);
        languages = java.util.Collections.unmodifiableMap(new TreeMap<>(languages));
    }

    static Profile of(Document document, long bytes, int copies) {
        int bucket = 63 - Long.numberOfLeadingZeros(Math.max(1, bytes));
        List<Long> lengths = new ArrayList<>();
        for (int i = 0; i <= bucket; i++) {
            lengths.add(i == bucket ? (long) copies : 0L);
        }
        String language = document.metadata().getOrDefault(LANGUAGE, "");
        return new Profile(lengths, language.isEmpty() ? Map.of() : Map.of(language, (long) copies));
    }

    /** Of both. */
    public Profile plus(Profile other) {
        List<Long> sum = new ArrayList<>();
        for (int i = 0; i < Math.max(lengths.size(), other.lengths.size()); i++) {
            sum.add((i < lengths.size() ? lengths.get(i) : 0) + (i < other.lengths.size() ? other.lengths.get(i) : 0));
        }
        Map<String, Long> all = new TreeMap<>(languages);
        other.languages.forEach((language, count) -> all.merge(language, count, Long::sum));
        return new Profile(sum, all);
    }
}
