package org.hopespark.model.eval.longcontext;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import org.hopespark.conf.UserException;
import org.hopespark.model.eval.TaskFile;

/**
 * BABILong's background: the sentences of books in order, those of at least ten tokens, again from the start at the
 * end.
 */
final class BookSentences {
    private static final int LEAST_TOKENS = 10;
    private static final long CHARACTERS = 4_000_000;
    private static final int UNKNOWN = -1;

    private final TaskFile file;
    private final List<String> sentences;
    private final int[] tokens;
    private final ToIntFunction<String> countTokens;
    private int next;

    BookSentences(TaskFile file, ToIntFunction<String> countTokens) {
        this.file = file;
        this.countTokens = countTokens;
        this.sentences = Haystack.documents(file, CHARACTERS).stream()
                .flatMap(text -> Sentences.split(Sentences.fold(text)).stream())
                .toList();
        this.tokens = new int[sentences.size()];
        Arrays.fill(tokens, UNKNOWN);
    }

    /** The next sentences, the last one cut by words, of together at most {@code budget} tokens. */
    List<String> take(int budget) {
        List<String> result = new ArrayList<>();
        int left = budget;
        int skipped = 0;
        while (left > 0) {
            int current = next;
            next = (next + 1) % sentences.size();
            int size = tokens(current);
            if (size < LEAST_TOKENS) {
                skipped++;
                if (skipped == sentences.size()) {
                    throw new UserException(file.path() + " has no sentence of at least " + LEAST_TOKENS
                            + " tokens; put a book or other long text there");
                }
                continue;
            }
            skipped = 0;
            String sentence = size <= left ? sentences.get(current) : cut(sentences.get(current), left);
            if (!sentence.isEmpty()) {
                result.add(sentence);
            }
            left -= size;
        }
        return result;
    }

    /** Takes the last {@code words} words away. */
    static List<String> shortened(List<String> sentences, long words) {
        List<String> result = new ArrayList<>(sentences);
        long left = words;
        while (left > 0 && !result.isEmpty()) {
            String[] last = result.remove(result.size() - 1).split(" ", -1);
            if (last.length > left) {
                result.add(String.join(" ", Arrays.copyOf(last, (int) (last.length - left))));
            }
            left -= last.length;
        }
        return result;
    }

    private int tokens(int sentence) {
        if (tokens[sentence] == UNKNOWN) {
            tokens[sentence] = countTokens.applyAsInt(" " + sentences.get(sentence));
        }
        return tokens[sentence];
    }

    private String cut(String sentence, int budget) {
        return Prefix.ofWords(sentence, budget, text -> countTokens.applyAsInt(" " + text));
    }
}
