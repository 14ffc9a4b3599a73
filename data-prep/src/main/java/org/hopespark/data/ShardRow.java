package org.hopespark.data;

/**
 * A row as a shard stores it.
 *
 * @param row its number in the lane
 * @param packed the sequence
 * @param realTokens ids inside segments
 * @param firstDocument key of the document at offset 0
 */
record ShardRow(long row, PackedRow packed, int realTokens, long firstDocument) {}
