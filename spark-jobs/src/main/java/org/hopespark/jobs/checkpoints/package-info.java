/** Looking after the checkpoints of a run. Read {@link org.hopespark.jobs.checkpoints.CheckpointsCommand} first. */
@NullMarked
package org.hopespark.jobs.checkpoints;

import org.jspecify.annotations.NullMarked;
