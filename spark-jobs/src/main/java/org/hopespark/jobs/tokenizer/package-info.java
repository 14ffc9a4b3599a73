/**
 * {@code tokenizer train}: words are counted by the executors, merges are learned from the counts on the driver. Read
 * {@link org.hopespark.jobs.tokenizer.TrainTokenizerJob} first.
 */
@NullMarked
package org.hopespark.jobs.tokenizer;

import org.jspecify.annotations.NullMarked;
