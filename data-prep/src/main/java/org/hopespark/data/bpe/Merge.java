package org.hopespark.data.bpe;

/** Two ids that are merged, and the id of the two together. */
public record Merge(int left, int right, int merged) {}
