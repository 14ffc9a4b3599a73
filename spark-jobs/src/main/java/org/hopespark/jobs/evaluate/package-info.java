/**
 * The evaluation sweep: every checkpoint on every task, one Spark task a cell, finished cells skipped.
 *
 * <p>Read {@link org.hopespark.jobs.evaluate.EvaluateJob} first. {@link org.hopespark.jobs.evaluate.CellRunner} is
 * where a model comes in.
 */
@NullMarked
package org.hopespark.jobs.evaluate;

import org.jspecify.annotations.NullMarked;
