package org.hopespark.jobs.health;

import java.util.ArrayList;
import java.util.List;

/** Positions in a document, in bands that grow by four. */
final class Bands {
    private static final int FIRST = 64;

    private Bands() {}

    /** Positions from {@code from} to {@code to}, the last one excluded. */
    record Band(int from, int to) {}

    static List<Band> upTo(int tokens) {
        List<Band> bands = new ArrayList<>();
        int from = 0;
        for (int to = FIRST; from < tokens; to *= 4) {
            bands.add(new Band(from, Math.min(to, tokens)));
            from = to;
        }
        return bands;
    }
}
