package org.hopespark.data.shard;

/**
 * A row as a shard stores it.
 *
 * @param row its number in the lane
 * @param packed the sequence
 * @param realTokens ids inside segments
 * @param firstDocument key of the document at offset 0
 */
public record ShardRow(long row, PackedRow packed, int realTokens, long firstDocument) {}
