package org.hopespark.model.eval.longcontext;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

/** Random choices. */
final class Draw {
    private Draw() {}

    static <T> T oneOf(List<T> items, Random random) {
        return items.get(random.nextInt(items.size()));
    }

    /** {@code count} different items. */
    static <T> List<T> distinct(int count, Supplier<T> draw) {
        Set<T> result = new LinkedHashSet<>();
        while (result.size() < count) {
            result.add(draw.get());
        }
        return new ArrayList<>(result);
    }

    /** {@code count} different items of a list, in random order. */
    static <T> List<T> sample(int count, List<T> items, Random random) {
        List<T> shuffled = new ArrayList<>(items);
        Collections.shuffle(shuffled, random);
        return new ArrayList<>(shuffled.subList(0, count));
    }

    /** {@code count} different numbers of 0..{@code bound}-1, ascending. */
    static List<Integer> positions(int count, int bound, Random random) {
        List<Integer> result = distinct(count, () -> random.nextInt(bound));
        Collections.sort(result);
        return result;
    }

    /** Letters from {@code first} on, 26 to choose from. */
    static String letters(int count, char first, Random random) {
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < count; i++) {
            result.append((char) (first + random.nextInt(26)));
        }
        return result.toString();
    }
}
