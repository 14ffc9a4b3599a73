/** Speed, measured: one table of figures in one run. */
@NullMarked
package org.hopespark.jobs.bench;

import org.jspecify.annotations.NullMarked;
