package org.hopespark.data.source;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * What the first bytes of a text say of its encoding.
 *
 * @param charset the encoding
 * @param length of the mark in bytes; 0 without one
 */
record ByteOrderMark(Charset charset, int length) {
    private static final int LONGEST = 4;

    private record Known(List<Integer> bytes, Charset charset) {}

    /** Those of UTF-32 first: one of them begins as one of UTF-16. */
    private static final List<Known> KNOWN = List.of(
            new Known(List.of(0xFF, 0xFE, 0x00, 0x00), Charset.forName("UTF-32LE")),
            new Known(List.of(0x00, 0x00, 0xFE, 0xFF), Charset.forName("UTF-32BE")),
            new Known(List.of(0xFF, 0xFE), StandardCharsets.UTF_16LE),
            new Known(List.of(0xFE, 0xFF), StandardCharsets.UTF_16BE),
            new Known(List.of(0xEF, 0xBB, 0xBF), StandardCharsets.UTF_8));

    /** The mark at the beginning of a text. */
    static ByteOrderMark of(byte[] text) {
        for (Known known : KNOWN) {
            boolean matches = text.length >= known.bytes.size();
            for (int i = 0; matches && i < known.bytes.size(); i++) {
                matches = Byte.toUnsignedInt(text[i]) == known.bytes.get(i);
            }
            if (matches) {
                return new ByteOrderMark(known.charset, known.bytes.size());
            }
        }
        return new ByteOrderMark(StandardCharsets.UTF_8, 0);
    }

    /** A text in UTF-8, without its mark; UTF-8 itself is handed on as it is, for its readers to judge. */
    static InputStream toUtf8(InputStream in) throws IOException {
        byte[] first = in.readNBytes(LONGEST);
        ByteOrderMark mark = of(first);
        byte[] text = Arrays.copyOfRange(first, mark.length, first.length);
        InputStream rest = text.length == 0 ? in : new SequenceInputStream(new ByteArrayInputStream(text), in);
        return mark.charset.equals(StandardCharsets.UTF_8) ? rest : new Transcoded(rest, mark.charset);
    }

    /** Fails at the first malformed character. */
    private static final class Transcoded extends InputStream {
        private final Reader reader;
        private final CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
        private final CharBuffer chars = CharBuffer.allocate(1 << 13).flip();
        private final ByteBuffer bytes = ByteBuffer.allocate(1 << 15).flip();
        private boolean ended;

        Transcoded(InputStream in, Charset charset) {
            reader = new InputStreamReader(
                    in,
                    charset.newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT));
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            while (!bytes.hasRemaining() && !ended) {
                chars.compact();
                ended = reader.read(chars) < 0;
                chars.flip();
                bytes.clear();
                var result = encoder.encode(chars, bytes, ended);
                if (result.isError()) {
                    result.throwException();
                }
                bytes.flip();
            }
            int n = Math.min(length, bytes.remaining());
            bytes.get(into, offset, n);
            return n == 0 && length > 0 ? -1 : n;
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }
}
