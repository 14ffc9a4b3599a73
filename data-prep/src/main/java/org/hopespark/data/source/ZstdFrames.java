package org.hopespark.data.source;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdIOException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Decodes the frames of a zstd file, one after the other. The library's own stream takes a file for whole that ends in
 * the middle of any frame but the first (zstd-jni 1.5.7, {@code ZstdInputStreamNoFinalizer.readInternal}). Windows over
 * 128 MiB are refused, the library's default.
 */
final class ZstdFrames extends InputStream {
    private static final int BUFFER_BYTES = 1 << 17;

    private final InputStream raw;
    private final ZstdDecompressCtx decoder = new ZstdDecompressCtx();
    private final ByteBuffer encoded = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
    private final ByteBuffer decoded = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final byte[] chunk = new byte[BUFFER_BYTES];
    private boolean insideFrame;

    /** Whether the decoder has more to give of what it has been given. */
    private boolean hasMore;

    ZstdFrames(InputStream raw) {
        this.raw = raw;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        decoded.clear().limit(Math.min(length, BUFFER_BYTES));
        while (decoded.position() == 0) {
            if (!encoded.hasRemaining() && !hasMore && !fill()) {
                if (insideFrame) {
                    throw new EOFException("it ends inside a zstd frame");
                }
                return -1;
            }
            decode();
        }
        int n = decoded.position();
        decoded.flip().get(into, offset, n);
        return n;
    }

    private boolean fill() throws IOException {
        int n = raw.read(chunk, 0, BUFFER_BYTES);
        encoded.clear().put(chunk, 0, Math.max(0, n)).flip();
        return n > 0;
    }

    private void decode() throws IOException {
        try {
            insideFrame = !decoder.decompressDirectByteBufferStream(decoded, encoded);
            hasMore = insideFrame && !decoded.hasRemaining();
        } catch (ZstdException e) {
            throw new ZstdIOException(Math.abs(e.getErrorCode()), e.getMessage()); // which is the code, negated
        }
    }

    @Override
    public void close() throws IOException {
        decoder.close();
        raw.close();
    }
}
