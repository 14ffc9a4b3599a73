package org.hopespark.cluster.spark;

import java.util.function.IntPredicate;

/**
 * How many workers an attempt may have.
 *
 * @param full N as it is asked for
 * @param fewest to continue with when there is no room for all; 0 for none but {@code full}
 * @param fits whether the work can be shared among so many
 */
record Sizes(int full, int fewest, IntPredicate fits) {

    /** The most workers that {@code slots} allow, 0 if they are too few. */
    int largest(int slots) {
        if (slots >= full) {
            return full;
        }
        for (int workers = slots; fewest > 0 && workers >= fewest; workers--) {
            if (fits.test(workers)) {
                return workers;
            }
        }
        return 0;
    }
}
