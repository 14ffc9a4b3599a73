package org.hopespark.data.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.fs.Path;
import org.hopespark.data.io.Storage;

/** What a compressed file unpacks to, which may be a billion times its length. */
final class Expansion extends FilterInputStream {
    /** The setting, in Hadoop's configuration: bytes that come out of a byte of a compressed file, at most. */
    static final String MOST = "hope.input.max-expansion";

    /** A gzip file cannot be worse. */
    private static final long USUAL = 1032;

    /** What is allowed however small the file is: a text that is too long is left out, and its neighbours are kept. */
    private static final long FLOOR_BYTES = 2L * Texts.MAX_BYTES;

    private final InputFile file;
    private final long allowed;
    private long taken;

    /** Said by the stream at the place where it is too much. */
    static final class TooMuch extends IOException {
        private static final long serialVersionUID = 1L;

        TooMuch(String message) {
            super(message);
        }
    }

    Expansion(InputStream in, InputFile file, Storage storage) {
        super(in);
        this.file = file;
        allowed = allowed(file, storage);
    }

    private static long allowed(InputFile file, Storage storage) {
        long ratio = storage.configuration(new Path(file.path())).getLong(MOST, USUAL);
        return Math.max(FLOOR_BYTES, file.bytes() > Long.MAX_VALUE / ratio ? Long.MAX_VALUE : file.bytes() * ratio);
    }

    /** Refuses an archive whose entries are more than that in all. */
    static void require(long bytes, InputFile file, Storage storage) {
        if (bytes > allowed(file, storage)) {
            throw CorruptInputException.file(file.path(), message(file, bytes), null);
        }
    }

    private static String message(InputFile file, long bytes) {
        return "its " + file.bytes() + " bytes unpack to " + bytes + " and more; where that is right, raise " + MOST
                + " (--conf spark.hadoop." + MOST + "=N times its length, " + USUAL + " unless it is set)";
    }

    private int counted(int bytes) throws IOException {
        taken += Math.max(0, bytes);
        if (taken > allowed) {
            throw new TooMuch(message(file, taken));
        }
        return bytes;
    }

    @Override
    public int read() throws IOException {
        int read = super.read();
        counted(read < 0 ? 0 : 1);
        return read;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        return counted(super.read(into, offset, length));
    }
}
