package org.hopespark.data.io;

import java.io.IOException;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.UserException;

/** Stops what writes before a disk is full, on which others write, too. */
public final class FreeSpace {
    /** The setting, in Hadoop's configuration: bytes that stay free. */
    public static final String KEPT = "hope.output.keep-free-bytes";

    private static final long USUAL = 1L << 28;

    /** Bytes that may be written between two looks at the disk. */
    private static final long STEP = 1L << 24;

    private final Path path;
    private final Storage storage;
    private final long kept;
    private long unchecked = STEP;

    public FreeSpace(Path path, Storage storage) {
        this.path = path;
        this.storage = storage;
        kept = storage.configuration(path).getLong(KEPT, USUAL);
    }

    /** So many bytes are about to be written, compressed or not. */
    public void require(long bytes) throws IOException {
        unchecked += bytes;
        if (unchecked < STEP) {
            return;
        }
        unchecked = 0;
        long free = storage.fileSystem(path).getStatus(path.getParent()).getRemaining();
        if (free < kept) {
            throw new UserException("stopped before the disk is full: " + free + " bytes are free where " + path
                    + " is written, and " + kept + " stay free (" + KEPT
                    + "); make room and give the same command again, which keeps what is finished");
        }
    }
}
