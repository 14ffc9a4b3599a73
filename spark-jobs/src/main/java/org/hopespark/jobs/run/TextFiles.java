package org.hopespark.jobs.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.hopespark.files.LineLog;
import org.hopespark.files.WholeFile;

/** Small text files on whatever file system a URI names. */
public final class TextFiles {
    private final Configuration hadoop;

    public TextFiles(Configuration hadoop) {
        this.hadoop = hadoop;
    }

    /** Where the file systems are configured. */
    public Configuration hadoop() {
        return hadoop;
    }

    /** A location with its file system and full path; empty stays empty. */
    public String qualified(String location) throws IOException {
        if (location.isEmpty()) {
            return location;
        }
        Path path = new Path(location);
        return path.getFileSystem(hadoop).makeQualified(path).toString();
    }

    public boolean exists(Path path) throws IOException {
        return fileSystem(path).exists(path);
    }

    public String read(Path path) throws IOException {
        try (InputStream in = fileSystem(path).open(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Whether there is a {@link LineLog}. */
    public boolean hasLines(Path path) throws IOException {
        return LineLog.exists(fileSystem(path), path);
    }

    /** Goes through the lines of a {@link LineLog}, which may be longer than memory. */
    public void forEachLine(Path path, Consumer<String> line) throws IOException {
        LineLog.forEach(fileSystem(path), path, line);
    }

    /** Whoever finds the file finds all of it. */
    public void write(Path path, String text) throws IOException {
        WholeFile.write(fileSystem(path), path, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Forces the files of a folder that somebody else has written to the disk. */
    public void syncFolder(Path folder) throws IOException {
        for (FileStatus file : fileSystem(folder).listStatus(folder)) {
            WholeFile.syncFile(fileSystem(folder), file.getPath());
        }
        WholeFile.syncFolder(fileSystem(folder), folder);
        WholeFile.syncFolder(fileSystem(folder), folder.getParent());
    }

    public FileSystem fileSystem(Path path) throws IOException {
        return WholeFile.system(path, hadoop);
    }
}
