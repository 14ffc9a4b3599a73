package org.hopespark.cluster;

import java.util.concurrent.CompletableFuture;

/**
 * A message that another rank has to send or to take.
 *
 * @param rank of the other side
 * @param done completes when the message is there
 */
record PendingMessage(int rank, CompletableFuture<Void> done) {}
