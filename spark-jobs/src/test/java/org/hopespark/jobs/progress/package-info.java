/** Tests of progress. */
@NullMarked
package org.hopespark.jobs.progress;

import org.jspecify.annotations.NullMarked;
