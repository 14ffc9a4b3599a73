package org.hopespark.model.eval.continual;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** A uniform sample of all that went by (Vitter 1985, algorithm R). */
final class Reservoir {
    private final int capacity;
    private final Random random;
    private final List<Example> kept = new ArrayList<>();
    private int seen;

    Reservoir(int capacity, Random random) {
        this.capacity = capacity;
        this.random = random;
    }

    void see(Example example) {
        seen++;
        if (kept.size() < capacity) {
            kept.add(example);
            return;
        }
        int place = random.nextInt(seen);
        if (place < capacity) {
            kept.set(place, example);
        }
    }

    /** Different ones, fewer if there are not so many. */
    List<Example> draw(int count) {
        List<Example> order = new ArrayList<>(kept);
        Collections.shuffle(order, random);
        return order.subList(0, Math.min(count, order.size()));
    }
}
