/** Tests of sessions. */
@NullMarked
package org.hopespark.jobs.spark;

import org.jspecify.annotations.NullMarked;
