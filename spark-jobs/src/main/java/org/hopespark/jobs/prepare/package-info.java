/**
 * Corpus to data set as a Spark job, and the commands around it.
 *
 * <p>Read {@link org.hopespark.jobs.prepare.PrepareJob} first.
 */
@NullMarked
package org.hopespark.jobs.prepare;

import org.jspecify.annotations.NullMarked;
