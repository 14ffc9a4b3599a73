package org.hopespark.data.shard;

/** A shard is not what the manifest says. The message names the file and what to do. */
public final class CorruptShardException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CorruptShardException(String message) {
        super(message);
    }

    public CorruptShardException(String message, Throwable cause) {
        super(message, cause);
    }
}
