/**
 * How fast this machine prepares data: a figure, and a goal where there is one, for everything between files and
 * batches.
 *
 * <p>Read {@link org.hopespark.jobs.bench.data.BenchDataCommand}.
 */
@NullMarked
package org.hopespark.jobs.bench.data;

import org.jspecify.annotations.NullMarked;
