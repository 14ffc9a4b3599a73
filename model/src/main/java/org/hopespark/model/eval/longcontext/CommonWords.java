package org.hopespark.model.eval.longcontext;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * RULER's {@code cwe}: a numbered list of words, ten of them more common than the others. A solved example stands
 * before the question, as in RULER's own code; lm-evaluation-harness leaves it out.
 */
final class CommonWords implements Generator {
    private static final int NEW_TOKENS = 120;
    private static final int COMMON = 10;
    private static final int LONG = 4096;

    private final List<String> words;
    private final Frequencies example;
    private final Frequencies question;

    /** How often a common and another word occurs, in an example of so many different words. */
    private record Frequencies(int different, int common, int uncommon) {}

    /** A numbered list and its most common words. */
    private record Listed(String context, List<String> common) {}

    CommonWords(List<String> words, int length) {
        this.words = words;
        this.example = length < LONG ? new Frequencies(20, 3, 1) : new Frequencies(40, 10, 3);
        this.question = length < LONG ? new Frequencies(0, 6, 1) : new Frequencies(0, 30, 3);
    }

    /** Words that the example needs. */
    static int leastWords() {
        return 40;
    }

    @Override
    public int smallest() {
        return COMMON + 1;
    }

    @Override
    public int largest() {
        return words.size();
    }

    @Override
    public int newTokens() {
        return NEW_TOKENS;
    }

    @Override
    public Sample sample(int size, Random random) {
        Listed solved = list(example.different(), example, random);
        Listed asked = list(size, question, random);
        return new Sample(
                prompt(solved.context()) + " " + numbered(solved.common()) + "\n" + prompt(asked.context()),
                asked.common(),
                "");
    }

    private Listed list(int different, Frequencies frequencies, Random random) {
        List<String> drawn = Draw.sample(different, words, random);
        List<String> list = new ArrayList<>();
        for (int i = 0; i < different; i++) {
            list.addAll(Collections.nCopies(i < COMMON ? frequencies.common() : frequencies.uncommon(), drawn.get(i)));
        }
        Collections.shuffle(list, random);
        return new Listed(numbered(list), drawn.subList(0, COMMON));
    }

    private static String numbered(List<String> words) {
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < words.size(); i++) {
            result.append(i == 0 ? "" : " ").append(i + 1).append(". ").append(words.get(i));
        }
        return result.toString();
    }

    private static String prompt(String context) {
        return "Below is a numbered list of words. In these words, some appear more often than others. Memorize the"
                + " ones that appear most often.\n" + context
                + "\nQuestion: What are the 10 most common words in the above list?"
                + " Answer: The top 10 words that appear most often in the list are:";
    }
}
