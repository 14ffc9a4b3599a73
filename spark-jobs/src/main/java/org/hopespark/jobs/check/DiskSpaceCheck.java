package org.hopespark.jobs.check;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.hopespark.files.WholeFile;

/**
 * Whether a run's folder can take another checkpoint.
 *
 * @param bytes of a checkpoint
 * @param run folder of the run
 */
public record DiskSpaceCheck(long bytes, Path run, Configuration hadoop) {
    /** A float each for the parameter, its gradient and its two moments. */
    private static final long BYTES_PER_PARAMETER = 16;

    public static DiskSpaceCheck forCheckpointsOf(long parameters, String run, Configuration hadoop) {
        return new DiskSpaceCheck(parameters * BYTES_PER_PARAMETER, new Path(run), hadoop);
    }

    /** What keeps a checkpoint from being written, for the user. */
    public List<String> problems() {
        try {
            FileSystem files = WholeFile.system(run, hadoop);
            requireWritable(files, run, ".writable");
            long free = files.getStatus(run).getRemaining();
            return free >= bytes
                    ? List.of()
                    : List.of(String.format(
                            Locale.ROOT,
                            "the run folder %s has %,d bytes free, a checkpoint takes about %,d: make room, or lower"
                                    + " checkpoint.keep",
                            run,
                            free,
                            bytes));
        } catch (IOException e) {
            return List.of("the run folder " + run + " cannot be written: " + e);
        }
    }

    /** Makes a folder, and writes and deletes a small file there, of a name that nobody else takes meanwhile. */
    static void requireWritable(FileSystem files, Path folder, String name) throws IOException {
        WholeFile.makeFolder(files, folder);
        Path probe = new Path(folder, name);
        try (OutputStream out = files.create(probe, true)) {
            out.write(1);
        }
        files.delete(probe, false);
    }
}
