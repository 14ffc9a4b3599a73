package org.hopespark.data.io;

import com.fasterxml.jackson.core.JacksonException;
import java.io.FileNotFoundException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serial;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Optional;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.security.AccessControlException;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.conf.UserException;
import org.hopespark.files.WholeFile;

/** Files on any file system that Hadoop knows, with the settings to reach it; can travel to an executor. */
public final class Storage implements Serializable {
    @Serial
    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LogManager.getLogger(Storage.class);

    private transient Configuration configuration;

    /** Storage with Hadoop's settings, those of a Spark session for instance. */
    public Storage(Configuration settings) {
        configuration = new Configuration(settings);
    }

    /**
     * The settings with which to read and write a path: local files without Hadoop's .crc files beside them, because
     * the manifest has its own checksums. Other file systems must not see that: S3A buffers on the local disk.
     */
    public Configuration configuration(Path path) {
        Configuration copy = new Configuration(configuration);
        if (isLocal(path)) {
            copy.setClass("fs.file.impl", RawLocalFileSystem.class, FileSystem.class);
            copy.setBoolean("fs.file.impl.disable.cache", true);
        }
        return copy;
    }

    public FileSystem fileSystem(Path path) throws IOException {
        return WholeFile.system(path, configuration);
    }

    private boolean isLocal(Path path) {
        String scheme = path.toUri().getScheme();
        return "file"
                .equals(scheme == null ? FileSystem.getDefaultUri(configuration).getScheme() : scheme);
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

    public FileStatus status(Path path) throws IOException {
        return fileSystem(path).getFileStatus(path);
    }

    public boolean exists(Path path) {
        try {
            return fileSystem(path).exists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes what attempts have left in a folder that were killed while they wrote. */
    public void deleteHidden(Path folder) {
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
    public boolean hasLength(Path path, long bytes) {
        try {
            return status(path).getLen() == bytes;
        } catch (FileNotFoundException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public FSDataInputStream open(Path path) throws IOException {
        return fileSystem(path).open(path);
    }

    /**
     * Opens a file that was there when the job began.
     *
     * @throws UserException if it is not any more
     */
    public FSDataInputStream openInput(Path path) {
        try {
            return open(path);
        } catch (FileNotFoundException | AccessControlException e) {
            throw new UserException(
                    path + " was there when the job began and cannot be opened now (" + e.getMessage()
                            + "); put it back and give the same command again",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Refuses a file that {@link #openInput} would. */
    public void requireInput(Path path) {
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
    public InputStream openForDecoding(Path path) {
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

    public byte[] read(Path path) throws IOException {
        try (InputStream in = open(path)) {
            return in.readAllBytes();
        }
    }

    /** Writes a whole file: nobody ever sees a part of it. */
    public void publish(String place, byte[] content) {
        publish(new Path(place), content);
    }

    public void publish(Path path, byte[] content) {
        try {
            WholeFile.write(fileSystem(path), path, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives a file that was written under another name its own, replacing what is there. */
    public void move(Path from, Path to) throws IOException {
        WholeFile.publish(fileSystem(to), from, to);
    }

    /**
     * Unfinished work, or what can be made again; empty if it is not there or cannot be read, as a disk leaves it that
     * lost its power.
     */
    public <R extends Record> Optional<R> unfinished(Path path, Class<R> type) {
        try {
            return exists(path) ? Optional.of(Json.read(read(path), type)) : Optional.empty();
        } catch (JacksonException e) {
            LOG.warn("{} cannot be read and is made again: {}", path, e.getOriginalMessage());
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String sha256(Path path) throws IOException {
        MessageDigest digest = DigestUtils.getSha256Digest();
        try (InputStream in = new DigestInputStream(open(path), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return Hex.encodeHexString(digest.digest());
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
