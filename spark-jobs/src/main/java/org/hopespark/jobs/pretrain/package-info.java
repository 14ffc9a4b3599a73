/**
 * Pretraining: the job on the driver, the task of a worker, and what it is assembled from.
 *
 * <p>Read {@link org.hopespark.jobs.pretrain.PretrainJob} first, then {@link org.hopespark.jobs.pretrain.WorkerTask}
 * and {@link org.hopespark.jobs.pretrain.WorkerAssembly}.
 */
@NullMarked
package org.hopespark.jobs.pretrain;

import org.jspecify.annotations.NullMarked;
