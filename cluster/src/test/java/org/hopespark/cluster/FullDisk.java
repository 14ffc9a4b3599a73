package org.hopespark.cluster;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** A disk that takes so many bytes and no more. */
final class FullDisk extends FilterFileSystem {
    private long room;
    private int failures;

    FullDisk(FileSystem disk, int capacityBytes, int failures) {
        super(disk);
        this.room = capacityBytes;
        this.failures = failures;
    }

    @Override
    public FSDataOutputStream create(
            org.apache.hadoop.fs.Path file,
            FsPermission permission,
            boolean overwrite,
            int bufferSize,
            short replication,
            long blockSize,
            Progressable progress)
            throws IOException {
        OutputStream out = super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress);
        return new FSDataOutputStream(
                new OutputStream() {
                    @Override
                    public void write(int value) throws IOException {
                        write(new byte[] {(byte) value}, 0, 1);
                    }

                    @Override
                    public void write(byte[] bytes, int offset, int count) throws IOException {
                        room -= count;
                        if (room < 0 && failures-- > 0) {
                            throw new IOException("No space left on device");
                        }
                        out.write(bytes, offset, count);
                    }

                    @Override
                    public void close() throws IOException {
                        out.close();
                    }
                },
                null);
    }
}
