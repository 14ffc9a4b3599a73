/**
 * A run as TensorBoard reads it: event files, written without TensorFlow.
 *
 * <p>Read {@link org.hopespark.jobs.tensorboard.TensorBoardLog} first.
 */
@NullMarked
package org.hopespark.jobs.tensorboard;

import org.jspecify.annotations.NullMarked;
