package org.hopespark.bench;

/** The fastest of some rounds: others on the machine make a round slower, and nothing makes it faster. */
final class Rounds {
    private static final int ROUNDS = 5;

    private Rounds() {}

    /** Seconds that the work takes, by the clock. */
    static double seconds(Runnable work) {
        double fastest = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long begin = System.nanoTime();
            work.run();
            fastest = Math.min(fastest, (System.nanoTime() - begin) * 1e-9);
        }
        return fastest;
    }
}
