package org.hopespark.data.shard;

/**
 * What the journal keeps of a finished lane.
 *
 * @param shard its file
 * @param targetCounts how often each id is a target
 */
@SuppressWarnings("ArrayRecordComponent") // carried from maker to user, never compared
public record LaneEntry(Shard shard, long[] targetCounts) {}
