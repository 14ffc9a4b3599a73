/**
 * Trained networks as files that other programs read.
 *
 * <p>Read {@link org.hopespark.jobs.export.ModelExport}.
 */
@NullMarked
package org.hopespark.jobs.export;

import org.jspecify.annotations.NullMarked;
