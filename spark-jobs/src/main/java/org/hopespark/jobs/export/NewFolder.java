package org.hopespark.jobs.export;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.UserException;
import org.hopespark.files.WholeFile;

/**
 * A folder of any Hadoop file system whose files come one after the other, each whole: who finds the last one finds
 * all. No folder is renamed, which an object store would copy file by file.
 */
public final class NewFolder {
    /** Lies in the folder until all its files do: what an export that was killed has left may be removed. */
    private static final String UNFINISHED = "_unfinished";

    private final FileSystem files;
    private final Path path;

    /** The content of a file. */
    interface Content {
        /** Writes all of it; may close the stream. */
        void writeTo(OutputStream out) throws IOException;
    }

    public NewFolder(String location, Configuration hadoop) {
        Path given = new Path(location);
        try {
            files = WholeFile.system(given, hadoop);
        } catch (IOException e) {
            throw new UserException("no file system for " + location + ": " + e.getMessage(), e);
        }
        path = files.makeQualified(given);
    }

    /** Refuses a folder that holds something: no file of the user's is ever replaced. */
    public void requireFree() throws IOException {
        if (!files.exists(path)) {
            return;
        }
        FileStatus status = files.getFileStatus(path);
        if (!status.isDirectory()) {
            throw new UserException(path + " is a file: name a folder that is not there yet");
        }
        int entries = files.listStatus(path).length;
        if (entries > 0 && !files.exists(new Path(path, UNFINISHED))) {
            throw new UserException(
                    path + " is not empty (it holds " + entries + "): name another folder, or remove this one");
        }
    }

    /** Writes the files in their order; what an earlier attempt has left goes first. */
    void write(Map<String, Content> contents) throws IOException {
        requireFree();
        boolean written = false;
        try {
            WholeFile.makeFolder(files, path);
            // empty, so that it is whole at once
            create(new Path(path, UNFINISHED), out -> {});
            WholeFile.syncFolder(files, path);
            deleteFiles();
            for (Map.Entry<String, Content> file : contents.entrySet()) {
                write(file.getKey(), file.getValue());
            }
            files.delete(new Path(path, UNFINISHED), false);
            WholeFile.syncFolder(files, path);
            written = true;
        } catch (FSError e) {
            // a full local disk is an FSError to Hadoop
            throw new IOException("could not write " + path + ": " + e, e);
        } finally {
            if (!written && files.exists(path)) {
                deleteFiles();
                files.delete(path, true);
            }
        }
    }

    /** All but the mark that they may be deleted, which goes last. */
    private void deleteFiles() throws IOException {
        for (FileStatus entry : files.listStatus(path)) {
            if (!entry.getPath().getName().equals(UNFINISHED)) {
                files.delete(entry.getPath(), true);
            }
        }
        WholeFile.syncFolder(files, path);
    }

    private void write(String name, Content content) throws IOException {
        Path file = new Path(path, name);
        if (WholeFile.isObjectStore(files, file)) {
            create(file, content);
        } else {
            Path unfinished = new Path(path, "." + name);
            create(unfinished, content);
            WholeFile.publish(files, unfinished, file);
        }
    }

    private void create(Path file, Content content) throws IOException {
        try (OutputStream out = files.create(file, true)) {
            content.writeTo(out);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
