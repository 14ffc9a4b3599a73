/**
 * Trained networks as files that other programs read, and those of others as files that this one reads.
 *
 * <p>Read {@link org.hopespark.jobs.export.ModelExport}, then {@link org.hopespark.jobs.export.LlamaImport}.
 */
@NullMarked
package org.hopespark.jobs.export;

import org.jspecify.annotations.NullMarked;
