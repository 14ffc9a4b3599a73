/**
 * Whether a run can work on a cluster, found out before it begins.
 *
 * <p>Read {@link org.hopespark.jobs.check.ClusterCheck} first, which collects facts, then
 * {@link org.hopespark.jobs.check.ClusterFindings}, which judges them without Spark.
 */
@NullMarked
package org.hopespark.jobs.check;

import org.jspecify.annotations.NullMarked;
