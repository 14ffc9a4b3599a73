package org.hopespark.data.filter;

/**
 * Where n-grams of words begin that occur more than once, for growing n.
 *
 * <p>Where an n-gram is repeated, the two (n-1)-grams in it are. So each length looks only at places that the length
 * before has left, which in prose are two thirds of all words for n = 3, and one in a hundred for n = 6.
 */
final class RepeatedNgrams {
    private final Words words;
    private int n = 1;
    private int[] places;
    private int count;
    /** Hash of the n-gram at each of {@code places}; elsewhere out of date. */
    private final long[] hashes;

    private long topCharacters;

    RepeatedNgrams(Words words) {
        this.words = words;
        count = words.count();
        places = new int[count];
        hashes = new long[count];
        for (int i = 0; i < count; i++) {
            places[i] = i;
            hashes[i] = words.hash(i);
        }
    }

    /** The n of this moment, from 1. */
    int length() {
        return n;
    }

    /** Goes on from n to n + 1. */
    void lengthen() {
        n++;
        int candidates = 0;
        for (int i = 0; i + 1 < count; i++) {
            int place = places[i];
            if (places[i + 1] == place + 1) {
                hashes[place] = Hashes.append(hashes[place], words.hash(place + n - 1));
                places[candidates++] = place;
            }
        }
        keepRepeated(candidates);
    }

    private void keepRepeated(int candidates) {
        HashCounts counts = new HashCounts(candidates);
        int[] kept = new int[candidates];
        for (int i = 0; i < candidates; i++) {
            kept[i] = counts.add(hashes[places[i]]);
        }
        // the first n-gram is the top one as long as none is repeated, as in datatrove
        topCharacters = words.count() < n ? 0 : written(0);
        int most = 1;
        count = 0;
        for (int i = 0; i < candidates; i++) {
            int occurrences = counts.count(kept[i]);
            if (occurrences > most) {
                most = occurrences;
                topCharacters = (long) occurrences * written(places[i]);
            }
            if (occurrences > 1) {
                places[count++] = places[i];
            }
        }
    }

    private long written(int place) {
        return words.characters(place, n) + n - 1L;
    }

    /** Characters in all occurrences of the most frequent n-gram, words parted by a blank. */
    long topCharacters() {
        return topCharacters;
    }

    /**
     * Characters in n-grams that occurred before, those that overlap counted once.
     *
     * @param longer an n of at least {@link #length}
     */
    long duplicateCharacters(int longer) {
        HashCounts counts = new HashCounts(count);
        long characters = 0;
        int next = 0;
        for (int i = 0; i < count; i++) {
            int place = places[i];
            if (place < next || place + longer > words.count()) {
                continue;
            }
            if (counts.count(counts.add(words.hash(place, longer))) > 1) {
                characters += words.characters(place, longer);
                next = place + longer;
            }
        }
        return characters;
    }
}
