package org.hopespark.jobs.check;

import java.io.IOException;
import java.io.OutputStream;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.UserException;
import org.hopespark.data.DataSet;
import org.hopespark.data.io.Storage;
import org.hopespark.files.WholeFile;

/** Whether a worker sees the same files as the driver. */
public final class SharedFiles {
    private SharedFiles() {}

    /**
     * A location with its file system: executors have other working folders, and a path that is relative here would be
     * another one there.
     */
    public static String qualified(String location, Configuration hadoop) {
        try {
            Path path = new Path(location);
            return path.getFileSystem(hadoop).makeQualified(path).toString();
        } catch (IOException e) {
            throw new UserException("no file system for " + location + ": " + e.getMessage(), e);
        }
    }

    /**
     * A data set as the driver has seen it.
     *
     * @param identity of what the driver sees
     * @param host that this runs on
     * @throws UserException when it is another one here
     */
    public static DataSet dataSet(String uri, String identity, String host, Configuration hadoop) {
        DataSet found = DataSet.open(uri, new Storage(hadoop));
        return found.ofIdentity(identity)
                .orElseThrow(() -> new UserException("data set " + uri + " is " + found.sha256() + " on " + host
                        + ", but " + identity + " on the driver: all must see the same files"));
    }

    /** Writes a file into a run's folder for the workers to look for; returns its name. */
    static String leaveMarker(Path run, Configuration hadoop) throws IOException {
        String name = ".seen-by-all-" + UUID.randomUUID();
        try (OutputStream out = WholeFile.system(run, hadoop).create(new Path(run, name), true)) {
            out.write(1);
        }
        return name;
    }

    static void removeMarker(Path run, String marker, Configuration hadoop) throws IOException {
        WholeFile.system(run, hadoop).delete(new Path(run, marker), false);
    }

    /**
     * Looks for what the driver has left, and writes a file beside it. What does not see it writes nothing.
     *
     * @param rank of the worker, whose file has a name of its own
     */
    static void requireShared(Path run, String marker, int rank, Configuration hadoop) throws IOException {
        FileSystem files = WholeFile.system(run, hadoop);
        if (!files.exists(new Path(run, marker))) {
            throw new UserException("what the driver writes to the run folder " + run + " is not seen there: "
                    + (isLocal(run) ? "it is a folder of each host alone; " : "")
                    + "name one for --run that all hosts share, on HDFS, an object store or a mount");
        }
        try {
            DiskSpaceCheck.requireWritable(files, run, marker + "-" + rank);
        } catch (IOException e) {
            throw new IOException(
                    "the run folder " + run + " cannot be written: " + e + "; let the user of the executors"
                            + " write there, or name another one for --run",
                    e);
        }
    }

    private static boolean isLocal(Path path) {
        return "file".equals(path.toUri().getScheme());
    }
}
