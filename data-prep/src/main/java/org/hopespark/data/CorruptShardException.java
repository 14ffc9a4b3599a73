package org.hopespark.data;

/** A shard is not what the manifest says. The message names the file and what to do. */
public final class CorruptShardException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CorruptShardException(String message) {
        super(message);
    }

    CorruptShardException(String message, Throwable cause) {
        super(message, cause);
    }
}
