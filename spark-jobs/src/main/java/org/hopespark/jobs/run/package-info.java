/** A run's folder and its metrics: read {@link org.hopespark.jobs.run.RunEvent} first. */
@NullMarked
package org.hopespark.jobs.run;

import org.jspecify.annotations.NullMarked;
