/**
 * Documents from files: {@link org.hopespark.data.source.InputFile} finds the files,
 * {@link org.hopespark.data.source.DocumentReader} opens the reader of their format.
 *
 * <p>To add a format: a reader beside {@link org.hopespark.data.source.JsonLinesReader}, its name in
 * {@link org.hopespark.conf.PrepareConfig.Format}, its case in {@link org.hopespark.data.source.DocumentReader}.
 */
@NullMarked
package org.hopespark.data.source;

import org.jspecify.annotations.NullMarked;
