package org.hopespark.data.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * What can be decoded, to the last byte. Decoders fail in the middle of a read, and what they have decoded in it is
 * lost; so a failure is met a second time, from the beginning, in steps of one byte.
 */
final class Salvage extends InputStream {
    /** A decoder at the beginning of its file. */
    interface Decoder {
        InputStream open() throws IOException;
    }

    private final Decoder decoder;
    private InputStream in;
    private long delivered;
    private boolean failed;

    Salvage(Decoder decoder) throws IOException {
        this.decoder = decoder;
        in = decoder.open();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        try {
            int n = in.read(into, offset, failed ? Math.min(1, length) : length);
            delivered += Math.max(0, n);
            return n;
        } catch (UncheckedIOException e) {
            throw e; // the file system has failed, not the decoder
        } catch (IOException | RuntimeException e) {
            if (failed) {
                throw e instanceof IOException known ? known : new IOException(e.toString(), e);
            }
            in.close();
            in = decoder.open();
            in.skipNBytes(delivered);
            failed = true;
            return read(into, offset, length);
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
