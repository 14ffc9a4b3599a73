/**
 * How workers agree, and where checkpoints live.
 *
 * <p>Everything here moves flat buffers of numbers; what they mean is known elsewhere. Read
 * {@link org.hopespark.cluster.BoundarySynchroniser} first, then {@link org.hopespark.cluster.Collective}, then
 * {@link org.hopespark.cluster.CheckpointStore}.
 */
@NullMarked
package org.hopespark.cluster;

import org.jspecify.annotations.NullMarked;
