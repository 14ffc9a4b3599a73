package org.hopespark.data;

import java.io.FileNotFoundException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serial;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.security.AccessControlException;
import org.hopespark.conf.ConfigException;

/** Files on any file system that Hadoop knows, with the settings to reach it; can travel to an executor. */
public final class Storage implements Serializable {
    @Serial
    private static final long serialVersionUID = 1L;

    private transient Configuration configuration;

    /** Storage with Hadoop's settings, those of a Spark session for instance. */
    public Storage(Configuration settings) {
        configuration = new Configuration(settings);
        // Local files without Hadoop's .crc files beside them: the manifest has its own checksums.
        configuration.setClass("fs.file.impl", RawLocalFileSystem.class, FileSystem.class);
        configuration.setBoolean("fs.file.impl.disable.cache", true);
    }

    Configuration configuration() {
        return configuration;
    }

    FileSystem fileSystem(Path path) throws IOException {
        return path.getFileSystem(configuration);
    }

    /** The same place for every process: executors have working folders of their own. */
    public String qualified(String place) {
        Path path = new Path(place);
        try {
            return fileSystem(path).makeQualified(path).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    FileStatus status(Path path) throws IOException {
        return fileSystem(path).getFileStatus(path);
    }

    boolean exists(Path path) {
        try {
            return fileSystem(path).exists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes what attempts have left in a folder that were killed while they wrote. */
    void deleteHidden(Path folder) {
        try {
            if (exists(folder)) {
                for (FileStatus file : fileSystem(folder).listStatus(folder)) {
                    if (file.getPath().getName().startsWith(".")) {
                        fileSystem(folder).delete(file.getPath(), false);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a file is there and has that length. */
    boolean hasLength(Path path, long bytes) {
        try {
            return status(path).getLen() == bytes;
        } catch (FileNotFoundException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    FSDataInputStream open(Path path) throws IOException {
        return fileSystem(path).open(path);
    }

    /**
     * Opens a file that was there when the job began.
     *
     * @throws ConfigException if it is not any more
     */
    FSDataInputStream openInput(Path path) {
        try {
            return open(path);
        } catch (FileNotFoundException | AccessControlException e) {
            throw new ConfigException(
                    path + " was there when the job began and cannot be opened now (" + e.getMessage()
                            + "); put it back and give the same command again",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Refuses a file that {@link #openInput} would. */
    void requireInput(Path path) {
        try {
            openInput(path).close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Opens a file such that a failure of the file system is an {@link UncheckedIOException}, and an
     * {@link IOException} that a decoder on top throws can only mean bad content.
     */
    InputStream openForDecoding(Path path) {
        return new FilterInputStream(openInput(path)) {
            @Override
            public int read() {
                try {
                    return super.read();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                try {
                    return super.read(into, offset, length);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    byte[] read(Path path) throws IOException {
        try (InputStream in = open(path)) {
            return in.readAllBytes();
        }
    }

    /** Writes a whole file: nobody ever sees a part of it. */
    public void publish(String place, byte[] content) {
        publish(new Path(place), content);
    }

    void publish(Path path, byte[] content) {
        try {
            Path temporary = new Path(path.getParent(), "." + path.getName() + ".temporary");
            try (var out = fileSystem(path).create(temporary, true)) {
                out.write(content);
            }
            move(temporary, path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Renames, replacing what is there. */
    void move(Path from, Path to) throws IOException {
        FileSystem files = fileSystem(to);
        files.mkdirs(to.getParent());
        if (files.exists(to)) {
            files.delete(to, false);
        }
        if (!files.rename(from, to)) {
            throw new IOException("cannot rename " + from + " to " + to);
        }
    }

    String sha256(Path path) throws IOException {
        MessageDigest digest = sha256Digest();
        try (InputStream in = open(path)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static String sha256(byte[] content) {
        return HexFormat.of().formatHex(sha256Digest().digest(content));
    }

    static MessageDigest sha256Digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Serial
    private void writeObject(ObjectOutputStream out) throws IOException {
        configuration.write(out);
    }

    @Serial
    private void readObject(ObjectInputStream in) throws IOException {
        configuration = new Configuration(false);
        configuration.readFields(in);
    }
}
