/**
 * What one worker learns and how: Hope's network, its levels, the optimizer and the training loop.
 *
 * <p>Shapes are named by their axes: B sequences, T tokens, N chunks, C tokens of a chunk, D width, H heads, d width of
 * a head, m hidden width of a memory, V vocabulary. Read {@link org.hopespark.model.FlatBuffer} for how parameters and
 * gradients lie in memory.
 *
 * <p><b>A step</b>, in the order in which to read it (less than 1,000 lines):
 *
 * <ol>
 *   <li>{@link org.hopespark.model.TrainingLoop}: what happens, in which order
 *   <li>{@link org.hopespark.conf.LevelSchedule}: which levels are due
 *   <li>{@link org.hopespark.model.Network#forwardBackward(TokenBatch, double)}: the loss and its gradients
 *   <li>{@link org.hopespark.model.Boundary}: the exchange of the gradients and what follows
 *   <li>{@link org.hopespark.model.LevelUpdate}, {@link org.hopespark.model.AdamW}: the update of a level
 * </ol>
 *
 * <p>What they work on: {@link org.hopespark.model.Levels}, a {@link org.hopespark.model.LevelState} each, laid out by
 * {@link org.hopespark.model.LevelLayout}, saved as {@link org.hopespark.model.LevelSections}.
 *
 * <p><b>Another optimizer</b>: {@link org.hopespark.model.Optimizer} is the door, {@link org.hopespark.model.Sgd} the
 * shortest example, {@link org.hopespark.model.Muon} one that needs whole matrices, {@link org.hopespark.model.Soap}
 * one whose slots have shapes of their own.
 */
@NullMarked
package org.hopespark.model;

import org.jspecify.annotations.NullMarked;
