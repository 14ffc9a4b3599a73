package org.hopespark.jobs.pretrain;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.apache.spark.SparkConf;
import org.jspecify.annotations.Nullable;

/** The local disk, which fails at files whose paths a test has written down. */
public final class FaultyDisk extends LocalFileSystem {
    private static final String FAULTS = "hope.test.faults";

    public FaultyDisk() {
        super(new Raw());
    }

    /** Takes the place of the local disk in all processes of an application. */
    static void install(SparkConf conf, java.nio.file.Path faults) {
        conf.set("spark.hadoop.fs.file.impl", FaultyDisk.class.getName())
                .set("spark.hadoop.fs.file.impl.disable.cache", "true")
                .set("spark.hadoop." + FAULTS, faults.toString());
    }

    /** Nothing can be written any more to files that match. */
    static void fillUp(java.nio.file.Path faults, String files) throws IOException {
        Files.writeString(faults.resolve("full"), files);
    }

    /** The process that has written such a file is gone at once; it happens once. */
    static void dieAfter(java.nio.file.Path faults, String files) throws IOException {
        Files.writeString(faults.resolve("die-after"), files);
    }

    /** Without the checksums, as this project writes. */
    private static final class Raw extends RawLocalFileSystem {
        @Override
        public FSDataOutputStream create(
                Path file,
                boolean overwrite,
                int bufferSize,
                short replication,
                long blockSize,
                @Nullable Progressable progress)
                throws IOException {
            return faulty(file, super.create(file, overwrite, bufferSize, replication, blockSize, progress));
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
            return faulty(
                    file, super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress));
        }

        private FSDataOutputStream faulty(Path file, FSDataOutputStream out) throws IOException {
            if (matches("full", file)) {
                out.close();
                throw new IOException("No space left on device");
            }
            if (!matches("die-after", file)) {
                return out;
            }
            return new FSDataOutputStream(
                    new FilterOutputStream(out) {
                        @Override
                        public void write(byte[] bytes, int offset, int count) throws IOException {
                            out.write(bytes, offset, count);
                        }

                        @Override
                        public void close() throws IOException {
                            super.close();
                            if (Files.deleteIfExists(fault("die-after"))) {
                                Runtime.getRuntime().halt(137);
                            }
                        }
                    },
                    null);
        }

        private boolean matches(String fault, Path file) throws IOException {
            Optional<String> files = Files.exists(fault(fault))
                    ? Optional.of(Files.readString(fault(fault), StandardCharsets.UTF_8))
                    : Optional.empty();
            return files.isPresent()
                    && Pattern.compile(files.get()).matcher(file.toString()).find();
        }

        private java.nio.file.Path fault(String name) {
            return java.nio.file.Path.of(getConf().get(FAULTS), name);
        }
    }
}
