package org.hopespark.jobs.evaluate;

/**
 * A cell before it is run.
 *
 * @param place where it stands in the results
 * @param hashes of everything that decides its results
 */
record PlannedCell(int place, Hashes hashes, Cell cell) {}
