/**
 * What a run will need and how long it will take, by formula, before anything is started.
 *
 * <p>Read {@link org.hopespark.jobs.plan.Plan}.
 */
@NullMarked
package org.hopespark.jobs.plan;

import org.jspecify.annotations.NullMarked;
