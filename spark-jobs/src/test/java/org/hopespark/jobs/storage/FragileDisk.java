package org.hopespark.jobs.storage;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.Syncable;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.hopespark.files.LocalDisk;
import org.jspecify.annotations.Nullable;

/** A folder of the local disk under the scheme {@code fragile}, which logs what is done to it. */
public final class FragileDisk extends RawLocalFileSystem implements LocalDisk {
    private static final String ROOT = "hope.test.fragile.root";
    // Hadoop and Spark make instances as they like
    private static final Map<String, DiskLog> LOGS = new ConcurrentHashMap<>();

    /** Hadoop's settings for a disk that is a folder. */
    static Map<String, String> settings(java.nio.file.Path root) {
        return Map.of(
                "fs.fragile.impl",
                FragileDisk.class.getName(),
                "fs.fragile.impl.disable.cache", // every test has a disk of its own
                "true",
                ROOT,
                root.toString());
    }

    /** Logs from now on what is done to a disk. */
    static DiskLog record(java.nio.file.Path root) {
        DiskLog log = new DiskLog();
        LOGS.put(root.toString(), log);
        return log;
    }

    /** Logs nothing more of a disk. */
    static void stopRecording(java.nio.file.Path root) {
        LOGS.remove(root.toString());
    }

    @Override
    public URI getUri() {
        return URI.create("fragile:///");
    }

    @Override
    public String getScheme() {
        return "fragile";
    }

    private String root() {
        return getConf().get(ROOT);
    }

    /** What there is to tell of a path; nothing outside of the disk, or while nobody asks. */
    private @Nullable DiskLog log(Path path) {
        return local(path).startsWith(root() + "/") ? LOGS.get(root()) : null;
    }

    private static String local(Path path) {
        return path.toUri().getPath();
    }

    private String inside(Path path) {
        return local(path).substring(root().length());
    }

    private byte[] content(Path path) throws IOException {
        return Files.readAllBytes(java.nio.file.Path.of(local(path)));
    }

    @Override
    public void syncFile(Path file) throws IOException {
        DiskLog log = log(file);
        if (log != null) {
            log.sync(inside(file), content(file));
        }
    }

    @Override
    public void syncFolder(Path folder) {
        DiskLog log = LOGS.get(root());
        if (log != null && (local(folder) + "/").startsWith(root() + "/")) {
            log.syncFolder(inside(folder));
        }
    }

    @Override
    public FileStatus getFileStatus(Path file) throws IOException {
        return plain(super.getFileStatus(file));
    }

    @Override
    public FileStatus[] listStatus(Path folder) throws IOException {
        return Arrays.stream(super.listStatus(folder)).map(FragileDisk::plain).toArray(FileStatus[]::new);
    }

    /** Without owner and rights, which the local disk looks up under its own scheme only. */
    private static FileStatus plain(FileStatus found) {
        return new FileStatus(
                found.getLen(),
                found.isDirectory(),
                found.getReplication(),
                found.getBlockSize(),
                found.getModificationTime(),
                found.getPath());
    }

    @Override
    public boolean mkdirs(Path folder) throws IOException {
        DiskLog log = log(folder);
        boolean isNew = log != null && !exists(folder);
        // makes those above through this method, too
        boolean done = super.mkdirs(folder);
        if (log != null && isNew && done) {
            log.makeFolder(inside(folder));
        }
        return done;
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
        boolean done = super.rename(from, to);
        DiskLog log = log(from);
        if (log != null && done) {
            log.rename(inside(from), inside(to));
        }
        return done;
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        if (exists(path) && recursive && getFileStatus(path).isDirectory()) {
            for (FileStatus entry : listStatus(path)) {
                delete(entry.getPath(), true);
            }
        }
        boolean done = super.delete(path, false);
        DiskLog log = log(path);
        if (log != null && done) {
            log.delete(inside(path));
        }
        return done;
    }

    @Override
    public FSDataOutputStream create(
            Path file,
            boolean overwrite,
            int bufferSize,
            short replication,
            long blockSize,
            @Nullable Progressable progress)
            throws IOException {
        return logged(file, super.create(file, overwrite, bufferSize, replication, blockSize, progress), true);
    }

    @Override
    public FSDataOutputStream create(
            Path file,
            FsPermission permission,
            boolean overwrite,
            int bufferSize,
            short replication,
            long blockSize,
            @Nullable Progressable progress)
            throws IOException {
        return logged(
                file, super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress), true);
    }

    @Override
    public FSDataOutputStream append(Path file, int bufferSize, @Nullable Progressable progress) throws IOException {
        return logged(file, super.append(file, bufferSize, progress), false);
    }

    private FSDataOutputStream logged(Path file, FSDataOutputStream out, boolean isNew) throws IOException {
        DiskLog log = log(file);
        if (log == null) {
            return out;
        }
        if (isNew) {
            log.create(inside(file));
        }
        return new FSDataOutputStream(new Logged(out, file, log), null, out.getPos());
    }

    /** Forces nothing to the disk itself: what that would change is in the log. */
    private final class Logged extends FilterOutputStream implements Syncable, StreamCapabilities {
        private final FSDataOutputStream logged;
        private final Path file;
        private final DiskLog log;
        private boolean closed;

        Logged(FSDataOutputStream out, Path file, DiskLog log) {
            super(out);
            logged = out;
            this.file = file;
            this.log = log;
        }

        @Override
        public boolean hasCapability(String capability) {
            return logged.hasCapability(capability);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            logged.write(bytes, offset, count);
        }

        @Override
        public void hflush() throws IOException {
            logged.flush();
            log.write(inside(file), content(file));
        }

        @Override
        public void hsync() throws IOException {
            logged.flush();
            log.sync(inside(file), content(file));
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                logged.close();
                log.write(inside(file), content(file));
            }
        }
    }
}
