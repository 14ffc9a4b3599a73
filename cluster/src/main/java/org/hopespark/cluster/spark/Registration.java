package org.hopespark.cluster.spark;

import org.hopespark.cluster.Member;

/**
 * How a worker introduces itself.
 *
 * @param member where it listens
 * @param executor Spark's id of its executor
 * @param gpu address of its GPU, empty for none
 * @param identity what it is made of
 * @param clockMillis what its clock says as it sends this, in milliseconds since 1970
 */
record Registration(Member member, String executor, String gpu, Identity identity, long clockMillis) {}
