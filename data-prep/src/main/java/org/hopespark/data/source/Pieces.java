package org.hopespark.data.source;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/** The bytes of a file between separators, such as its lines; one piece is in memory at a time. */
final class Pieces implements Closeable {
    private final InputFile file;
    private final InputStream in;
    private final byte[] separator;
    private final String word;
    private final byte[] buffer = new byte[1 << 16];
    private int position;
    private int limit;
    private long number;
    private Optional<CorruptInputException> failure = Optional.empty();

    /** @param word what messages call a piece */
    Pieces(InputFile file, InputStream in, byte[] separator, String word) {
        this.file = file;
        this.in = in;
        this.separator = separator.clone();
        this.word = word;
    }

    /** Which piece {@link #next} has read last, from 1. */
    long number() {
        return number;
    }

    /** The same for messages. */
    String place() {
        return file.path() + ", " + word + " " + number;
    }

    /** Why there is nothing after the piece that was read last, if that is not the file's end. */
    Optional<CorruptInputException> failure() {
        return failure;
    }

    /**
     * The next piece, without its separator; cut short where a failure ends the file, and empty at the end.
     *
     * @throws CorruptInputException if it is too long; the next one can be read
     */
    Optional<byte[]> next() {
        Piece piece = new Piece();
        number++;
        byte last = separator[separator.length - 1];
        boolean any = false;
        while (position < limit || fill()) {
            any = true;
            int end = position;
            while (end < limit && buffer[end] != last) {
                end++;
            }
            boolean found = end < limit;
            piece.append(buffer, position, found ? end + 1 : end);
            position = found ? end + 1 : end;
            if (found && piece.endsWith(separator)) {
                return Optional.of(piece.without(separator.length));
            }
        }
        return any ? Optional.of(piece.without(0)) : Optional.empty();
    }

    /** False at the end, also where it comes too early. */
    private boolean fill() {
        if (failure.isPresent()) {
            return false;
        }
        try {
            position = 0;
            limit = Math.max(0, in.read(buffer));
            return limit > 0;
        } catch (IOException e) {
            limit = 0;
            failure = Optional.of(Texts.unreadable(file.path() + ", after " + word + " " + (number - 1), e));
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private final class Piece extends ByteArrayOutputStream {
        private boolean isTooLong;

        void append(byte[] bytes, int from, int to) {
            write(bytes, from, to - from);
            if (count > Texts.MAX_BYTES + separator.length) {
                isTooLong = true;
                // what may be the beginning of a separator
                System.arraycopy(buf, count - separator.length, buf, 0, separator.length);
                count = separator.length;
            }
        }

        boolean endsWith(byte[] bytes) {
            int from = count - bytes.length;
            return from >= 0 && Arrays.equals(buf, from, count, bytes, 0, bytes.length);
        }

        byte[] without(int end) {
            if (isTooLong || count - end > Texts.MAX_BYTES) {
                throw Texts.tooLong(place());
            }
            return Arrays.copyOf(buf, count - end);
        }
    }
}
