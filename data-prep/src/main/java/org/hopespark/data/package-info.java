/**
 * From a corpus to packed token ids, and from those to batches: readers, tokenizers, the shard format and its order
 * ({@code docs/formats.md}).
 *
 * <p>The way in: {@link org.hopespark.data.DocumentReader}, {@link org.hopespark.data.PartTokenizer},
 * {@link org.hopespark.data.LaneWriter}. The way out: {@link org.hopespark.data.DataSet},
 * {@link org.hopespark.data.TokenBatches}. Read {@link org.hopespark.data.LanePacker} first: it is the format.
 */
@NullMarked
package org.hopespark.data;

import org.jspecify.annotations.NullMarked;
