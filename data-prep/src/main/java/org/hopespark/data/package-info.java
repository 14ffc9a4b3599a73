/**
 * From a corpus to packed token ids, and from those to batches. Here is what a trainer sees:
 * {@link org.hopespark.data.DataSet}, {@link org.hopespark.data.BatchOrder}, {@link org.hopespark.data.TokenBatches}.
 *
 * <p>A document's way there: {@code data.source} reads it, {@code data.filter} and {@code data.corpus} decide whether
 * it stays, {@code data.tokenizer} makes ids of it, {@code data.shard} packs them. {@code data.io} is what all of them
 * read and write with. The file formats: {@code docs/reference/formats.md}.
 */
@NullMarked
package org.hopespark.data;

import org.jspecify.annotations.NullMarked;
