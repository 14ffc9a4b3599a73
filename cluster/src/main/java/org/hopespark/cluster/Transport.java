package org.hopespark.cluster;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.hopespark.model.FlatBuffer;

/**
 * Moves bytes between the workers of one generation. One connection that breaks is one worker lost: nothing is
 * repeated, the generation ends.
 *
 * <p>Calls do not wait for other workers, except to connect; futures do, and whoever waits on them sets the deadline.
 */
public interface Transport extends AutoCloseable {

    /** This worker's number, 0 to {@code ranks() - 1}. */
    int rank();

    /** N. */
    int ranks();

    /** The attempt that this transport belongs to; messages of other attempts are refused. */
    long generation();

    /** Where a worker is, for error messages. */
    String address(int rank);

    /**
     * Sends.
     *
     * @param payload not empty; must stay as it is until the future completes
     * @return completes when the other side holds all bytes, fails when it will not
     */
    CompletableFuture<Void> push(int to, Tag tag, FlatBuffer payload);

    /**
     * Asks for a message, which may have arrived already.
     *
     * @param target not empty; filled when the future completes, and not written to afterwards
     */
    CompletableFuture<Void> receive(int from, Tag tag, FlatBuffer target);

    /** The message of {@code rank} that arrived last, for error messages. */
    Optional<Tag> lastHeard(int rank);

    /**
     * Ends all waits with a {@link java.util.concurrent.CancellationException} that carries the reason. Once it
     * returns, no buffer of the caller is read or written any more. May be called from any thread, and again.
     */
    void close(String reason);

    /**
     * Closes because of an error on this side. Where errors are reported, this one is reported first: the other workers
     * fail as soon as the connections end, and theirs are not the cause.
     */
    default void fail(RuntimeException cause) {
        close(cause.toString());
    }

    @Override
    default void close() {
        close("the transport was closed");
    }
}
