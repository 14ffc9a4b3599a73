/**
 * What a run shows people: one line on the console while it goes, one page when it is done.
 *
 * <p>Read {@link org.hopespark.jobs.report.RunReport} first. A run's {@code metrics.jsonl} is the source of every
 * number.
 */
@NullMarked
package org.hopespark.jobs.report;

import org.jspecify.annotations.NullMarked;
