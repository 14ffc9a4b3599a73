package org.hopespark.model;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A zip as PyTorch writes its own: entries are stored, not compressed, and their content begins at a multiple of 64
 * bytes, so that tensors can be mapped into memory. Equal contents give equal files.
 */
final class StoredZip implements AutoCloseable {
    private static final int ALIGNMENT_BYTES = 64;
    private static final int LOCAL_HEADER_BYTES = 30;
    /** What an entry of 4 GiB or more has in its header besides. */
    private static final int ZIP64_FIELD_BYTES = 20;

    private static final long ZIP64_FROM_BYTES = 0xFFFF_FFFFL;
    /** The same for every entry; the first moment that a zip can name makes Java add a longer one. */
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

    private final Counter counter;
    private final ZipOutputStream zip;

    StoredZip(OutputStream out) {
        counter = new Counter(out);
        zip = new ZipOutputStream(counter);
    }

    void put(String name, byte[] content) throws IOException {
        put(name, List.of(ByteBuffer.wrap(content)));
    }

    /** Writes bytes that may be more than one buffer holds; they are read twice, first for their checksum. */
    void put(String name, List<ByteBuffer> content) throws IOException {
        CRC32 crc = new CRC32();
        content.forEach(slice -> crc.update(slice.slice()));
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.stream().mapToLong(ByteBuffer::remaining).sum());
        entry.setCrc(crc.getValue());
        entry.setTimeLocal(TIME);
        entry.setExtra(padding(name, entry.getSize()));
        zip.putNextEntry(entry);
        WritableByteChannel channel = Channels.newChannel(zip);
        for (ByteBuffer slice : content) {
            channel.write(slice.slice());
        }
        zip.closeEntry();
    }

    /** An extra field of the header, {@code FB} in PyTorch's files, as long as it takes. */
    private byte[] padding(String name, long bytes) {
        long header = LOCAL_HEADER_BYTES + name.getBytes(StandardCharsets.UTF_8).length + 4L;
        header += bytes >= ZIP64_FROM_BYTES ? ZIP64_FIELD_BYTES : 0;
        int length = (int) (-(counter.written + header) & (ALIGNMENT_BYTES - 1));
        byte[] field = new byte[4 + length];
        Arrays.fill(field, (byte) 'Z');
        ByteBuffer.wrap(field)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 'F')
                .put((byte) 'B')
                .putShort((short) length);
        return field;
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }

    private static final class Counter extends FilterOutputStream {
        private long written;

        Counter(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            written++;
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            out.write(bytes, from, count);
            written += count;
        }
    }
}
