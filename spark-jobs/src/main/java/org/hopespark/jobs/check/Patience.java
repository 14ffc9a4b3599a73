package org.hopespark.jobs.check;

import java.io.Serializable;
import java.time.Duration;

/**
 * Longest waits of a check.
 *
 * @param files for a file system
 * @param neighbours for a connection with another worker
 */
record Patience(Duration files, Duration neighbours) implements Serializable {
    /** An answer is wanted soon. */
    static final Patience OF_CHECKS = new Patience(Duration.ofSeconds(8), Duration.ofSeconds(2));
}
