/** Tests of the preparation jobs. */
@NullMarked
package org.hopespark.jobs.prepare;

import org.jspecify.annotations.NullMarked;
