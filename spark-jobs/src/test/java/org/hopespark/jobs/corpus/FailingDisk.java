package org.hopespark.jobs.corpus;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.jspecify.annotations.Nullable;

/** The local disk under the scheme {@code failing}, which fails at files whose paths a test has written down. */
public final class FailingDisk extends RawLocalFileSystem {
    private static final String FAULTS = "hope.test.faults";
    private static final int ROOM = 20;

    /** Spark's settings for it. */
    static Map<String, String> settings(java.nio.file.Path faults) {
        return Map.of(
                "spark.hadoop.fs.failing.impl",
                FailingDisk.class.getName(),
                "spark.hadoop.fs.failing.impl.disable.cache", // every test has faults of its own
                "true",
                "spark.hadoop." + FAULTS,
                faults.toString());
    }

    /** Files that match have room for a few bytes only. */
    static void fillUp(java.nio.file.Path faults, String files) throws IOException {
        Files.writeString(faults.resolve("full"), files);
    }

    static void makeRoom(java.nio.file.Path faults) throws IOException {
        Files.delete(faults.resolve("full"));
    }

    /** The process that writes to such a file is gone at once; it happens once. */
    static void dieAt(java.nio.file.Path faults, String files) throws IOException {
        Files.writeString(faults.resolve("die"), files);
    }

    @Override
    public URI getUri() {
        return URI.create("failing:///");
    }

    @Override
    public String getScheme() {
        return "failing";
    }

    @Override
    public FileStatus getFileStatus(Path file) throws IOException {
        return plain(super.getFileStatus(file));
    }

    @Override
    public FileStatus[] listStatus(Path folder) throws IOException {
        return Arrays.stream(super.listStatus(folder)).map(FailingDisk::plain).toArray(FileStatus[]::new);
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
    public FSDataOutputStream create(
            Path file,
            boolean overwrite,
            int bufferSize,
            short replication,
            long blockSize,
            @Nullable Progressable progress)
            throws IOException {
        return failing(file, super.create(file, overwrite, bufferSize, replication, blockSize, progress));
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
        return failing(file, super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress));
    }

    private FSDataOutputStream failing(Path file, FSDataOutputStream out) throws IOException {
        boolean full = matches("full", file);
        if (matches("die", file) && Files.deleteIfExists(fault("die"))) {
            Runtime.getRuntime().halt(137);
        }
        return !full
                ? out
                : new FSDataOutputStream(
                        new FilterOutputStream(out) {
                            private long written;

                            @Override
                            public void write(int b) throws IOException {
                                write(new byte[] {(byte) b}, 0, 1);
                            }

                            @Override
                            public void write(byte[] bytes, int offset, int count) throws IOException {
                                written += count;
                                if (written > ROOM) {
                                    throw new IOException("No space left on device");
                                }
                                out.write(bytes, offset, count);
                            }
                        },
                        null);
    }

    private boolean matches(String fault, Path file) throws IOException {
        return Files.exists(fault(fault))
                && Pattern.compile(Files.readString(fault(fault), StandardCharsets.UTF_8))
                        .matcher(file.toString())
                        .find();
    }

    private java.nio.file.Path fault(String name) {
        return java.nio.file.Path.of(getConf().get(FAULTS), name);
    }
}
