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
    private static final int EXAMPLE_STEP = 5;

    private final int exampleLines;

    VariableTracking(ToIntFunction<String> countTokens) {
        exampleLines = exampleLines(countTokens);
    }

    private int exampleLines(ToIntFunction<String> countTokens) {
        int lines = smallest();
        int next = 2 * EXAMPLE_STEP;
        while (countTokens.applyAsInt(example(next, new Random(0))) + NEW_TOKENS <= EXAMPLE_TOKENS
                && next < EXAMPLE_TOKENS) {
            lines = next;
            next += EXAMPLE_STEP;
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
        return new Sample(example + "\n\n\n\n" + question(size, names, random), names, "");
    }

    private static String example(int lines, Random random) {
        List<String> names = names(EXAMPLE_NAME_LETTERS, random);
        // Two spaces, as in the reference.
        return question(lines, names, random) + "  " + String.join(" ", names);
    }

    private static List<String> names(int letters, Random random) {
        return Draw.distinct(CHAIN, () -> Draw.letters(letters, 'A', random));
    }

    private static String question(int lines, List<String> names, Random random) {
        int value = 10_000 + random.nextInt(89_999);
        List<String> sentences = new ArrayList<>(Collections.nCopies(lines, Niah.NOISE + "\n"));
        List<Integer> positions = Draw.positions(CHAIN, lines, random);
        for (int i = 0; i < CHAIN; i++) {
            sentences.add(
                    positions.get(i) + i,
                    i == 0
                            ? "VAR " + names.get(0) + " = " + value
                            : "VAR " + names.get(i) + " = VAR " + names.get(i - 1) + " ");
        }
        String context = String.join(" ", sentences).replace(". \n", ".\n");
        // "assgined" is the reference's spelling.
        return "Memorize and track the chain(s) of variable assignment hidden in the following text.\n\n" + context
                + "\nQuestion: Find all variables that are assigned the value " + value
                + " in the text above. Answer: According to the chain(s) of variable assignment in the text above, "
                + CHAIN + " variables are assgined the value " + value + ", they are:";
    }
}
