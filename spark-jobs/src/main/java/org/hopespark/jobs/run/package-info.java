/** A run's folder and its metrics. */
@NullMarked
package org.hopespark.jobs.run;

import org.jspecify.annotations.NullMarked;
