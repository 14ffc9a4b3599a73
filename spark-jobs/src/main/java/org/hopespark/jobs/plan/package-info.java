/**
 * What a run will need and how long it will take, before anything is started.
 *
 * <p>Read {@link org.hopespark.jobs.plan.Plan}; of a corpus, from a sample of it,
 * {@link org.hopespark.jobs.plan.CorpusPlan}.
 */
@NullMarked
package org.hopespark.jobs.plan;

import org.jspecify.annotations.NullMarked;
