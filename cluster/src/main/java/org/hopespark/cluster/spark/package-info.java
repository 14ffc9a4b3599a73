/**
 * The cluster on Spark: a gang of barrier tasks, its control plane over Spark's plugin RPC and, where Spark is
 * protected, its data plane over Spark's network layer. No other package of this module knows Spark.
 *
 * <p>Read {@link org.hopespark.cluster.spark.RetryLoop} first, then {@link org.hopespark.cluster.spark.Gang}, then
 * {@link org.hopespark.cluster.spark.HopePlugin}.
 */
@NullMarked
package org.hopespark.cluster.spark;

import org.jspecify.annotations.NullMarked;
