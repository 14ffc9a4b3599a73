/** Where the pure modules meet: networks as scorers, tokenizers as encoders, shards as batches. */
@NullMarked
package org.hopespark.jobs.adapter;

import org.jspecify.annotations.NullMarked;
