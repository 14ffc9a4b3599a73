package org.hopespark.data.bpe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BytePairTrainerTest {
    private static final String MARK = "<|endoftext|>";

    @Test
    void theMostFrequentPairIsFirstAndOfEqualOnesTheLeast() {
        BytePairTrainer trainer = new BytePairTrainer(MARK);
        trainer.add("low", 5);
        trainer.add("lower", 2);
        trainer.add("newest", 6);
        trainer.add("widest", 3);

        BytePairTrainer.Vocabulary vocabulary = trainer.train(257 + 6, (tokens, token, count) -> {});

        // Sennrich et al., 2016, without the mark of a word's end: es 9, est 9, lo 7, low 7, ew and ne 6
        assertThat(vocabulary.tokens().subList(257, 263)).containsExactly("es", "est", "lo", "low", "ew", "new");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theIndexedTrainerLearnsWhatTheNaiveOneLearns(long seed) {
        Map<String, Long> words = randomWords(seed);
        BytePairTrainer trainer = new BytePairTrainer(MARK);
        words.forEach(trainer::add);

        BytePairTrainer.Vocabulary learned = trainer.train(400, (tokens, token, count) -> {});

        Naive naive = new Naive();
        naive.train(words, 400);
        assertThat(learned.tokens()).isEqualTo(naive.tokens);
        assertThat(learned.merges()).isEqualTo(naive.merges);
    }

    @Test
    void trainingEndsWhenEveryWordIsOneToken() {
        BytePairTrainer trainer = new BytePairTrainer(MARK);
        trainer.add("abc", 1);

        assertThat(trainer.train(1000, (tokens, token, count) -> {}).tokens()).hasSize(259);
    }

    /** Words of few letters, so that runs and ties are frequent. */
    private static Map<String, Long> randomWords(long seed) {
        Random random = new Random(seed);
        Map<String, Long> words = new TreeMap<>();
        for (int i = 0; i < 300; i++) {
            StringBuilder word = new StringBuilder();
            for (int length = 1 + random.nextInt(12); length > 0; length--) {
                word.append("aab\u00C3".charAt(random.nextInt(4)));
            }
            words.merge(word.toString(), 1L + random.nextInt(5), Long::sum);
        }
        return words;
    }

    /** Counts every pair of every word again for each merge. */
    private static final class Naive {
        private final List<String> tokens = new ArrayList<>(List.of(MARK));
        private final List<Merge> merges = new ArrayList<>();
        private final Set<String> merged = new HashSet<>();

        void train(Map<String, Long> words, int size) {
            List<Integer> letters = new ArrayList<>();
            for (int b = 0; b < 256; b++) {
                letters.add((int) ByteAlphabet.letter(b));
            }
            letters.stream().sorted().forEach(letter -> tokens.add(Character.toString(letter)));
            Map<List<Integer>, Long> split = new HashMap<>();
            words.forEach((word, count) -> split.put(
                    word.chars()
                            .mapToObj(b -> tokens.indexOf(Character.toString(ByteAlphabet.letter(b))))
                            .toList(),
                    count));
            while (tokens.size() < size && mergeOne(split)) {
                // goes on
            }
        }

        private boolean mergeOne(Map<List<Integer>, Long> split) {
            Map<List<Integer>, Long> counts = new HashMap<>();
            split.forEach((word, count) -> {
                for (int i = 0; i + 1 < word.size(); i++) {
                    counts.merge(List.copyOf(word.subList(i, i + 2)), count, Long::sum);
                }
            });
            List<Integer> best = List.of();
            long bestCount = 0;
            for (Map.Entry<List<Integer>, Long> entry : counts.entrySet()) {
                if (isBefore(entry.getKey(), entry.getValue(), best, bestCount)) {
                    best = entry.getKey();
                    bestCount = entry.getValue();
                }
            }
            if (best.isEmpty()) {
                return false;
            }
            String token = tokens.get(best.get(0)) + tokens.get(best.get(1));
            if (!tokens.contains(token)) {
                tokens.add(token);
            }
            int id = tokens.indexOf(token);
            if (merged.add(best.toString())) {
                merges.add(new Merge(best.get(0), best.get(1), id));
            }
            Map<List<Integer>, Long> next = new HashMap<>();
            for (Map.Entry<List<Integer>, Long> entry : split.entrySet()) {
                next.put(replace(entry.getKey(), best, id), entry.getValue());
            }
            split.clear();
            split.putAll(next);
            return true;
        }

        private static boolean isBefore(List<Integer> a, long countA, List<Integer> b, long countB) {
            if (countA != countB) {
                return countA > countB;
            }
            return a.get(0).equals(b.get(0)) ? a.get(1) < b.get(1) : a.get(0) < b.get(0);
        }

        private static List<Integer> replace(List<Integer> word, List<Integer> pair, int id) {
            List<Integer> replaced = new ArrayList<>();
            for (int i = 0; i < word.size(); i++) {
                if (i + 1 < word.size() && word.subList(i, i + 2).equals(pair)) {
                    replaced.add(id);
                    i++;
                } else {
                    replaced.add(word.get(i));
                }
            }
            return replaced;
        }
    }
}
