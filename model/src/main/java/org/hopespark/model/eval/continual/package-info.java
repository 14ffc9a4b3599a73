/**
 * Class-incremental learning: a language model is shown the classes of a data set task by task, and after each task is
 * asked for the class of texts from all tasks so far, without being told which task a text is from.
 *
 * <p>A class is its name: a text's answer is the likeliest of the names seen so far after {@code Text: ...\nLabel:}.
 * Read {@link org.hopespark.model.eval.continual.ContinualRun} first, then
 * {@link org.hopespark.model.eval.continual.Method}, which lists the ways to learn, and
 * {@link org.hopespark.model.eval.continual.AccuracyMatrix} for what is reported.
 */
@NullMarked
package org.hopespark.model.eval.continual;

import org.jspecify.annotations.NullMarked;
