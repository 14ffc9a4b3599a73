/**
 * Synthetic tasks that show what a sequence mixer can do: follow a state (formal languages, word problems of groups),
 * recall (multi-query associative recall) and more (mechanistic architecture design, MAD). Each trains a small model of
 * a preset from scratch and scores it on newly drawn strings, longer ones among them.
 *
 * <p>Read {@link org.hopespark.model.eval.synthetic.SyntheticTasks} first, then
 * {@link org.hopespark.model.eval.synthetic.TrainAndScore}. Labels that are no input symbols have ids of their own
 * behind those of the inputs, so that a head tied with the embedding is as good as a free one.
 */
@NullMarked
package org.hopespark.model.eval.synthetic;

import org.jspecify.annotations.NullMarked;
