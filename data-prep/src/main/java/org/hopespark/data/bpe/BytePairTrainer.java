package org.hopespark.data.bpe;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Learns merges from counted words (Sennrich et al., 2016): time and again the pair that stands side by side most often
 * becomes one token. Of pairs that are equally frequent the one with the least left id is taken, of those the one with
 * the least right id; so the result depends on the counts alone.
 *
 * <p>Words stay in memory as ids, with an index from pairs to the words that hold them: some hundred bytes a distinct
 * word. A merge touches only the words that hold its pair.
 */
public final class BytePairTrainer {
    private static final Comparator<Candidate> MOST_FREQUENT_FIRST =
            Comparator.comparingLong(Candidate::count).reversed().thenComparingLong(Candidate::pair);

    private final List<String> tokens = new ArrayList<>();
    private final Map<String, Integer> idOf = new HashMap<>();
    private final int[] idOfByte = new int[256];
    private final List<Merge> merges = new ArrayList<>();
    private final Set<Long> merged = new HashSet<>();

    private final List<int[]> words = new ArrayList<>();
    private final IdList lengths = new IdList();
    private final List<Long> counts = new ArrayList<>();
    private final Map<Long, Pair> pairs = new HashMap<>();
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>(MOST_FREQUENT_FIRST);

    /** Where a pair stands. */
    private static final class Pair {
        private final IdList words = new IdList();
        private long count;
    }

    /** A pair with the count that it had when it came into the queue. */
    private record Candidate(long pair, long count) {}

    /** Told after each merge. */
    public interface Progress {
        /**
         * Hears of a merge.
         *
         * @param tokens how many there are by now
         * @param token the newest, in the letters of {@link ByteAlphabet}
         * @param count how often its two parts stood side by side
         */
        void merged(int tokens, String token, long count);
    }

    /**
     * What was learned.
     *
     * @param tokens by id, in the letters of {@link ByteAlphabet}: the control token, the bytes in the order of their
     *     letters, and a token for each merge that made a new one
     * @param merges in their order
     */
    public record Vocabulary(List<String> tokens, List<Merge> merges) {
        public Vocabulary {
            tokens = List.copyOf(tokens);
            merges = List.copyOf(merges);
        }
    }

    /** A trainer whose id 0 is a token that no text spells. */
    public BytePairTrainer(String controlToken) {
        enter(controlToken);
        IntStream.range(0, 256)
                .boxed()
                .sorted(Comparator.comparing(ByteAlphabet::letter))
                .forEach(b -> idOfByte[b] = enter(Character.toString(ByteAlphabet.letter(b))));
    }

    private int enter(String token) {
        tokens.add(token);
        idOf.put(token, tokens.size() - 1);
        return tokens.size() - 1;
    }

    /**
     * Adds a word.
     *
     * @param word its bytes as characters U+0000 to U+00FF
     * @param count how often it occurs
     */
    public void add(String word, long count) {
        byte[] bytes = word.getBytes(StandardCharsets.ISO_8859_1);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = idOfByte[Byte.toUnsignedInt(bytes[i])];
        }
        int index = words.size();
        words.add(ids);
        lengths.add(ids.length);
        counts.add(count);
        for (int i = 0; i + 1 < ids.length; i++) {
            change(ids[i], ids[i + 1], count, index);
        }
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }

    private void change(int left, int right, long by, int word) {
        long key = key(left, right);
        Pair pair = pairs.computeIfAbsent(key, any -> new Pair());
        pair.count += by;
        if (by > 0) {
            pair.words.add(word);
        } else if (pair.count == 0) {
            pairs.remove(key);
        }
    }

    /**
     * Learns, once all words are there, until there are so many tokens or no pair is left.
     *
     * @param vocabularySize tokens to end with, the control token and the bytes among them
     */
    public Vocabulary train(int vocabularySize, Progress progress) {
        pairs.forEach((pair, state) -> queue.add(new Candidate(pair, state.count)));
        while (tokens.size() < vocabularySize && !queue.isEmpty()) {
            Candidate best = queue.poll();
            Pair pair = pairs.get(best.pair);
            if (pair == null || pair.count < 1) {
                continue;
            }
            if (pair.count != best.count) {
                queue.add(new Candidate(best.pair, pair.count));
                continue;
            }
            int left = (int) (best.pair >> 32);
            int right = (int) best.pair;
            String token = tokens.get(left) + tokens.get(right);
            Integer known = idOf.get(token);
            int id = known == null ? enter(token) : known;
            if (merged.add(best.pair)) {
                merges.add(new Merge(left, right, id));
            }
            merge(left, right, id, pair);
            progress.merged(tokens.size(), token, best.count);
        }
        return new Vocabulary(tokens, merges);
    }

    private void merge(int left, int right, int id, Pair pair) {
        pairs.remove(key(left, right));
        Set<Long> grown = new HashSet<>();
        for (int i = 0; i < pair.words.size(); i++) {
            int word = pair.words.get(i);
            mergeIn(word, left, right, id, grown);
        }
        pairs.remove(key(left, right)); // a run of one id counts its pair where it overlaps itself
        for (long key : grown) {
            Pair state = pairs.get(key);
            if (state != null) {
                queue.add(new Candidate(key, state.count));
            }
        }
    }

    private void mergeIn(int word, int left, int right, int id, Set<Long> grown) {
        int[] ids = words.get(word);
        long count = counts.get(word);
        int length = lengths.get(word);
        int kept = 0;
        int i = 0;
        while (i < length) {
            if (i + 1 == length || ids[i] != left || ids[i + 1] != right) {
                ids[kept++] = ids[i++];
                continue;
            }
            if (kept > 0) {
                change(ids[kept - 1], left, -count, word);
                change(ids[kept - 1], id, count, word);
                grown.add(key(ids[kept - 1], id));
            }
            if (i + 2 < length) {
                change(right, ids[i + 2], -count, word);
                change(id, ids[i + 2], count, word);
                grown.add(key(id, ids[i + 2]));
            }
            ids[kept++] = id;
            i += 2;
        }
        lengths.set(word, kept);
    }
}
