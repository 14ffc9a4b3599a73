/**
 * What one worker learns and how: Hope's network, its levels, the optimizer and the training loop.
 *
 * <p>Shapes are named by their axes: B sequences, T tokens, N chunks, C tokens of a chunk, D width, H heads, d width of
 * a head, m hidden width of a memory, V vocabulary. Read {@link org.hopespark.model.FlatBuffer} for how parameters and
 * gradients lie in memory.
 */
@NullMarked
package org.hopespark.model;

import org.jspecify.annotations.NullMarked;
