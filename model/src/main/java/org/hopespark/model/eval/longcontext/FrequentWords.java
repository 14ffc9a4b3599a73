package org.hopespark.model.eval.longcontext;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * RULER's {@code fwe}: made-up words whose frequencies fall with the square of their rank (a zeta distribution, alpha
 * 2.0); the first rank is dots, the next three are asked for.
 */
final class FrequentWords implements Generator {
    private static final int NEW_TOKENS = 50;
    private static final int WORD_LETTERS = 6;
    private static final int TOKENS_PER_WORD = 50;
    private static final int FEWEST = 10;
    private static final double ZETA_2 = Math.PI * Math.PI / 6;

    private final int vocabulary;

    FrequentWords(int length) {
        vocabulary = Math.max(FEWEST, (length - NEW_TOKENS) / TOKENS_PER_WORD);
    }

    /** So many that the fourth rank occurs more often (2) than the fifth (1). */
    @Override
    public int smallest() {
        return 60;
    }

    @Override
    public int newTokens() {
        return NEW_TOKENS;
    }

    @Override
    public Sample sample(int size, Random random) {
        List<String> words = Draw.distinct(vocabulary, () -> Draw.letters(WORD_LETTERS, 'a', random));
        words.set(0, "...");
        List<String> text = new ArrayList<>();
        for (int rank = 1; rank <= vocabulary; rank++) {
            int count = (int) (size / ((double) rank * rank) / ZETA_2);
            text.addAll(Collections.nCopies(count, words.get(rank - 1)));
        }
        Collections.shuffle(text, random);
        return new Sample(prompt(String.join(" ", text)), words.subList(1, 4), "");
    }

    private static String prompt(String context) {
        return "Read the following coded text and track the frequency of each coded word. Find the three most"
                + " frequently appeared coded words. " + context
                + "\nQuestion: Do not provide any explanation. Please ignore the dots '....'. What are the three most"
                + " frequently appeared words in the above coded text? Answer: According to the coded text above, the"
                + " three most frequently appeared words are:";
    }
}
