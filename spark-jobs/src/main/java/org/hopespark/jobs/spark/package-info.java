/** Sessions of Spark, and how work is divided into its tasks. */
@NullMarked
package org.hopespark.jobs.spark;

import org.jspecify.annotations.NullMarked;
