package org.hopespark.model.eval.longcontext;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.ToIntFunction;
import org.hopespark.conf.UserException;

/**
 * Hides the facts of a question between the sentences of books, each before a sentence (or after the last) that is
 * drawn with replacement, all in order.
 */
final class BabiLongPrompts {
    /** The length that stands for facts without books. */
    static final int ONLY_FACTS = 0;

    static final int NEW_TOKENS = 16;

    private final String task;
    private final int length;
    private final ToIntFunction<String> countTokens;
    private final Optional<BookSentences> books;

    /**
     * Makes prompts of one length.
     *
     * @param length tokens of prompt and answer together; {@link #ONLY_FACTS} without books
     */
    BabiLongPrompts(String task, int length, ToIntFunction<String> countTokens, Optional<BookSentences> books) {
        this.task = task;
        this.length = length;
        this.countTokens = countTokens;
        this.books = books;
    }

    /** Refuses a length that the facts of some question do not fit. */
    void check(List<BabiQuestion> questions) {
        long needed = questions.stream()
                .mapToLong(q -> needed(prompt(q, List.of(), new Random(0))))
                .max()
                .orElse(0);
        if (length != ONLY_FACTS && needed > length) {
            throw new UserException(task + ": a length of " + length + " tokens is too short, the facts alone and "
                    + NEW_TOKENS + " tokens to write need " + needed
                    + " tokens of this model; ask for a length of at least " + needed);
        }
    }

    String prompt(BabiQuestion question, Random random) {
        long seed = random.nextLong();
        String bare = prompt(question, List.of(), new Random(seed));
        if (books.isEmpty()) {
            return bare;
        }
        List<String> background = books.get().take((int) Math.max(0, length - needed(bare)));
        for (; ; ) {
            String prompt = prompt(question, background, new Random(seed));
            long excess = needed(prompt) - length;
            if (excess <= 0 || background.isEmpty()) {
                return prompt;
            }
            // A word has at least one token.
            background = BookSentences.shortened(background, excess);
        }
    }

    private static String prompt(BabiQuestion question, List<String> background, Random random) {
        List<Integer> positions = random.ints(question.facts().size(), 0, background.size() + 1)
                .sorted()
                .boxed()
                .toList();
        List<String> context = new ArrayList<>();
        int fact = 0;
        for (int i = 0; i <= background.size(); i++) {
            while (fact < positions.size() && positions.get(fact) == i) {
                context.add(question.facts().get(fact));
                fact++;
            }
            if (i < background.size()) {
                context.add(background.get(i));
            }
        }
        return String.join(" ", context) + "\n" + question.text();
    }

    private long needed(String prompt) {
        return (long) countTokens.applyAsInt(prompt) + NEW_TOKENS;
    }
}
