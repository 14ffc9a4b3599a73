/**
 * Shows that N workers that meet only at level boundaries learn what one worker with all the data learns.
 *
 * <p>Read {@link org.hopespark.jobs.verify.SyncVerification}.
 */
@NullMarked
package org.hopespark.jobs.verify;

import org.jspecify.annotations.NullMarked;
