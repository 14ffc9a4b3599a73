package org.hopespark.jobs.export;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.ConfigException;

/** A folder of any Hadoop file system that is there with all its files, or not at all. */
final class NewFolder {
    private final FileSystem files;
    private final Path path;

    /** The content of a file. */
    interface Content {
        /** Writes all of it; may close the stream. */
        void writeTo(OutputStream out) throws IOException;
    }

    NewFolder(String location, Configuration hadoop) {
        Path given = new Path(location);
        try {
            FileSystem found = given.getFileSystem(hadoop);
            // the other one leaves a .crc file beside each file
            files = found instanceof LocalFileSystem local ? local.getRaw() : found;
        } catch (IOException e) {
            throw new ConfigException("no file system for " + location + ": " + e.getMessage(), e);
        }
        path = files.makeQualified(given);
    }

    /** Refuses a folder that holds something: no file of the user's is ever replaced. */
    void requireFree() throws IOException {
        if (!files.exists(path)) {
            return;
        }
        FileStatus status = files.getFileStatus(path);
        if (!status.isDirectory()) {
            throw new ConfigException(path + " is a file: name a folder that is not there yet");
        }
        int entries = files.listStatus(path).length;
        if (entries > 0) {
            throw new ConfigException(
                    path + " is not empty (it holds " + entries + "): name another folder, or remove this one");
        }
    }

    /** Writes the files in their order under another name of the folder, which is then renamed. */
    void write(Map<String, Content> contents) throws IOException {
        requireFree();
        Path unfinished = new Path(path.getParent(), "_unfinished-" + path.getName() + "-" + UUID.randomUUID());
        try {
            files.mkdirs(unfinished);
            for (Map.Entry<String, Content> file : contents.entrySet()) {
                try (OutputStream out = files.create(new Path(unfinished, file.getKey()), false)) {
                    file.getValue().writeTo(out);
                }
            }
            requireFree();
            // a rename to a folder that exists would move into it
            files.delete(path, false);
            if (!files.rename(unfinished, path)) {
                throw new IOException("could not rename " + unfinished + " to " + path);
            }
        } catch (FSError e) {
            // a full local disk is an FSError to Hadoop
            throw new IOException("could not write " + path + ": " + e, e);
        } finally {
            files.delete(unfinished, true);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
