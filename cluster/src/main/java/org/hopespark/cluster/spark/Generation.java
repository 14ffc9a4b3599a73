package org.hopespark.cluster.spark;

import java.io.Serializable;
import java.util.UUID;

/**
 * One attempt of one run. Whatever bears another one is refused.
 *
 * @param run tells this run from all others
 * @param number of the attempt, from 1
 */
record Generation(UUID run, long number) implements Serializable {
    @Override
    public String toString() {
        return "generation " + number + " of run " + run;
    }
}
