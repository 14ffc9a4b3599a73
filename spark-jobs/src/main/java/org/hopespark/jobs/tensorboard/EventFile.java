package org.hopespark.jobs.tensorboard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.hopespark.files.WholeFile;

/**
 * A file of records as TensorFlow writes them, little-endian: length (8 bytes), its masked CRC-32C (4), the bytes,
 * their masked CRC-32C (4).
 */
final class EventFile implements AutoCloseable {
    private static final int MASK = 0xa282ead8;

    private final FileSystem files;
    private final Path path;
    private final FSDataOutputStream out;

    EventFile(Path path, Configuration hadoop) throws IOException {
        this.path = path;
        files = WholeFile.system(path, hadoop);
        WholeFile.makeFolder(files, path.getParent());
        out = files.create(path, false);
        WholeFile.syncFolder(files, path.getParent());
    }

    void add(byte[] event) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(Long.BYTES + Integer.BYTES + event.length + Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(event.length);
        record.putInt(maskedCrc(record.array(), Long.BYTES)).put(event).putInt(maskedCrc(event, event.length));
        out.write(record.array());
    }

    /** Lets others read what was added. */
    void flush() throws IOException {
        out.hflush();
    }

    /** Turned and moved, since the CRC of data that holds its own CRC is a weak one. */
    private static int maskedCrc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
    }

    @Override
    public void close() throws IOException {
        WholeFile.sync(files, path, out);
        out.close();
    }
}
