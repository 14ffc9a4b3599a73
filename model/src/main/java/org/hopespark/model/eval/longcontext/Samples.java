package org.hopespark.model.eval.longcontext;

import java.util.Random;
import java.util.function.ToIntFunction;
import org.hopespark.conf.UserException;

/**
 * The questions of one task, as long as its length allows.
 *
 * <p>As in RULER, the size of the context is found once, on the first question with its answers, as the greatest that
 * fits together with the tokens to write. A question that turns out longer than the first is made smaller by as much as
 * it is too long.
 */
final class Samples {
    private final String task;
    private final Generator generator;
    private final int length;
    private final ToIntFunction<String> countTokens;
    private final Random seeds;
    private final int size;
    private int next;

    /**
     * Finds the size.
     *
     * @param length tokens of prompt and answer together
     */
    Samples(String task, Generator generator, int length, ToIntFunction<String> countTokens, long seed) {
        this.task = task;
        this.generator = generator;
        this.length = length;
        this.countTokens = countTokens;
        this.seeds = new Random(seed);
        this.size = greatestThatFits(new Random(seed).nextLong());
    }

    /** Of the context, in the generator's units. */
    int size() {
        return size;
    }

    Sample next() {
        long seed = seeds.nextLong();
        int index = next++;
        for (int shorter = size; ; ) {
            Sample sample = generator.sample(index, shorter, new Random(seed));
            long needed = needed(sample.prompt());
            if (needed <= length) {
                return sample;
            }
            if (shorter == generator.smallest()) {
                throw tooShort(needed);
            }
            long units = Math.max(1, (needed - length) * shorter / needed);
            shorter = (int) Math.max(generator.smallest(), shorter - units);
        }
    }

    private int greatestThatFits(long seed) {
        int fitting = generator.smallest();
        long needed = needed(generator.sample(fitting, new Random(seed)).prompt());
        if (needed > length) {
            throw tooShort(needed);
        }
        // A unit has at least one token.
        long tooGreat = Math.min(generator.largest(), (long) length) + 1;
        for (long next = 2L * fitting; next < tooGreat; next *= 2) {
            if (fits((int) next, seed)) {
                fitting = (int) next;
            } else {
                tooGreat = next;
            }
        }
        while (tooGreat - fitting > 1) {
            int middle = (int) ((fitting + tooGreat) / 2);
            if (fits(middle, seed)) {
                fitting = middle;
            } else {
                tooGreat = middle;
            }
        }
        return fitting;
    }

    private boolean fits(int candidate, long seed) {
        Sample sample = generator.sample(candidate, new Random(seed));
        return needed(sample.prompt() + " " + String.join(" ", sample.answers())) <= length;
    }

    private long needed(String text) {
        return (long) countTokens.applyAsInt(text) + generator.newTokens();
    }

    private UserException tooShort(long needed) {
        return new UserException(task + ": a length of " + length + " tokens is too short, the shortest prompt and "
                + generator.newTokens() + " tokens to write need " + needed
                + " tokens of this model; ask for a length of at least " + needed);
    }
}
