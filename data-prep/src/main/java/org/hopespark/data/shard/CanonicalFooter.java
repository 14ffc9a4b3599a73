package org.hopespark.data.shard;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Comparator;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.hopespark.data.io.Storage;

/**
 * Makes the bytes of a Parquet file a function of its content. The library lists the encodings of a column in the order
 * of a hash set of objects, which is another one in every JVM.
 */
public final class CanonicalFooter {
    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final int TAIL = Integer.BYTES + MAGIC.length;

    private CanonicalFooter() {}

    /** Copies a file, puts the lists of its footer in order, and returns the SHA-256 of the copy. */
    public static String copy(Path from, Path to, Storage storage) throws IOException {
        long length = storage.status(from).getLen();
        MessageDigest digest = DigestUtils.getSha256Digest();
        try (FSDataInputStream in = storage.open(from);
                DigestOutputStream out =
                        new DigestOutputStream(storage.fileSystem(to).create(to, true), digest)) {
            byte[] tail = new byte[TAIL];
            in.readFully(length - TAIL, tail);
            int footerBytes =
                    ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getInt();
            long footerStart = length - TAIL - footerBytes;
            in.seek(footerStart);
            FileMetaData footer = Util.readFileMetaData(in);
            for (RowGroup rowGroup : footer.getRow_groups()) {
                for (ColumnChunk column : rowGroup.getColumns()) {
                    column.getMeta_data().getEncodings().sort(Comparator.comparing(Encoding::getValue));
                }
            }
            in.seek(0);
            copy(in, footerStart, out);
            ByteArrayOutputStream ordered = new ByteArrayOutputStream();
            Util.writeFileMetaData(footer, ordered);
            out.write(ordered.toByteArray());
            out.write(ByteBuffer.allocate(TAIL)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(ordered.size())
                    .put(MAGIC)
                    .array());
        }
        return Hex.encodeHexString(digest.digest());
    }

    private static void copy(InputStream in, long bytes, DigestOutputStream out) throws IOException {
        byte[] buffer = new byte[1 << 16];
        for (long left = bytes; left > 0; ) {
            int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (n < 0) {
                throw new EOFException("the file ends " + left + " bytes early");
            }
            out.write(buffer, 0, n);
            left -= n;
        }
    }
}
