package org.hopespark.model.eval.longcontext;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;

/**
 * RULER's {@code vt}: one chain of a value and four assignments from variable to variable, hidden in noise; which
 * variables have the value? A solved example of about 500 tokens stands before the question.
 */
final class VariableTracking implements Generator {
    private static final int NEW_TOKENS = 30;
    private static final int CHAIN = 5;
    private static final int NAME_LETTERS = 5;
    private static final int EXAMPLE_NAME_LETTERS = 3;
    private static final int EXAMPLE_TOKENS = 500;

    private final int exampleLines;

    VariableTracking(ToIntFunction<String> countTokens) {
        exampleLines = exampleLines(countTokens);
    }

    /** The most lines that fit into the example's tokens; without its answer, as in the reference. */
    private int exampleLines(ToIntFunction<String> countTokens) {
        int lines = smallest();
        while (lines < EXAMPLE_TOKENS
                && countTokens.applyAsInt(
                                question(lines + 1, names(EXAMPLE_NAME_LETTERS, new Random(0)), new Random(0)))
                        <= EXAMPLE_TOKENS) {
            lines++;
        }
        return lines;
    }

    @Override
    public int smallest() {
        return CHAIN + 1;
    }

    @Override
    public int newTokens() {
        return NEW_TOKENS;
    }

    @Override
    public Sample sample(int size, Random random) {
        String example = example(exampleLines, random);
        List<String> names = names(NAME_LETTERS, random);
        return new Sample(example + "\n\n" + question(size, names, random), names, "");
    }

    private static String example(int lines, Random random) {
        List<String> names = names(EXAMPLE_NAME_LETTERS, random);
        // With the space that ends the question two of them, as in the reference.
        return question(lines, names, random) + " " + String.join(" ", names);
    }

    private static List<String> names(int letters, Random random) {
        return Draw.distinct(CHAIN, () -> Draw.letters(letters, 'A', random));
    }

    private static String question(int lines, List<String> names, Random random) {
        int value = 10_000 + random.nextInt(89_999);
        List<String> sentences = new ArrayList<>(Collections.nCopies(lines, Niah.NOISE));
        List<Integer> positions = Draw.positions(CHAIN, lines, random);
        for (int i = 0; i < CHAIN; i++) {
            sentences.add(
                    positions.get(i) + i,
                    i == 0
                            ? "VAR " + names.get(0) + " = " + value
                            : "VAR " + names.get(i) + " = VAR " + names.get(i - 1) + " ");
        }
        return "Memorize and track the chain(s) of variable assignment hidden in the following text.\n\n"
                + String.join("\n", sentences)
                + "\nQuestion: Find all variables that are assigned the value " + value
                + " in the text above. Answer: According to the chain(s) of variable assignment in the text above, "
                + CHAIN + " variables are assigned the value " + value + ", they are: ";
    }
}
