package org.hopespark.data.source;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdIOException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.apache.commons.compress.MemoryLimitException;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.apache.hadoop.fs.Path;
import org.hopespark.data.io.Storage;

/** What the readers of texts share: decompression by name, strict UTF-8, a bound on the length of one text. */
public final class Texts {
    /** Of one document, which takes about ten times as much memory on its way to token ids. */
    static final int MAX_BYTES = 1 << 26;

    /**
     * Characters without a blank between them: a tokenizer merges them as one word, with 30 bytes of memory for each.
     * Texts of scripts without blanks still have lines.
     */
    static final int MAX_WORD_CHARACTERS = 1 << 22;

    /** What a dictionary of xz may take; the largest preset takes 65 MiB. */
    private static final int XZ_MEMORY_KIB = 1 << 17;

    private Texts() {}

    /** Opens a file and undoes its compression, which its name says. */
    static InputStream open(InputFile file, Storage storage) {
        try {
            InputStream in = new Salvage(() -> decoder(file, storage.openForDecoding(new Path(file.path()))));
            return new Expansion(in, file, storage);
        } catch (IOException e) {
            throw unreadable(file.path(), e);
        }
    }

    /** The same, in UTF-8 whatever the file's byte order mark names, and without the mark. */
    static InputStream openText(InputFile file, Storage storage) {
        InputStream in = open(file, storage);
        try {
            return ByteOrderMark.toUtf8(in);
        } catch (IOException e) {
            throw unreadable(file.path(), e);
        }
    }

    @SuppressWarnings("deprecation") // the builder that replaces it is missing from Spark 3.5's commons-compress
    private static InputStream decoder(InputFile file, InputStream raw) throws IOException {
        String name = file.path().toLowerCase(Locale.ROOT);
        if (name.endsWith(".gz")) {
            return new GzipCompressorInputStream(new BufferedInputStream(raw, 1 << 16), true);
        } else if (name.endsWith(".zst")) {
            return new ZstdFrames(raw);
        }
        if (name.endsWith(".bz2")) {
            return new BZip2CompressorInputStream(new BufferedInputStream(raw, 1 << 16), true);
        } else if (name.endsWith(".xz")) {
            return new XZCompressorInputStream(new BufferedInputStream(raw, 1 << 16), true, XZ_MEMORY_KIB);
        }
        return raw;
    }

    /** All bytes of one document. */
    static byte[] readAll(String place, InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(MAX_BYTES);
        if (in.read() >= 0) {
            throw tooLong(place);
        }
        return bytes;
    }

    static CorruptInputException tooLong(String place) {
        return CorruptInputException.row(place, "longer than " + MAX_BYTES + " bytes");
    }

    static CorruptInputException unreadable(String place, Exception cause) {
        return unreadable(place, 1, cause);
    }

    /** The same of so many rows. */
    static CorruptInputException unreadable(String place, long rows, Exception cause) {
        return CorruptInputException.rest(place, damaged(cause), rows, cause);
    }

    /** The same of one row. */
    static CorruptInputException unreadableRow(String place, Exception cause) {
        return CorruptInputException.row(place, damaged(cause));
    }

    private static String damaged(Exception cause) {
        if (cause instanceof ZstdIOException zstd && zstd.getErrorCode() == Zstd.errFrameParameterWindowTooLarge()) {
            return "its window is larger than 128 MiB (zstd --long=27), which no file may make a reader allocate";
        }
        if (cause instanceof MemoryLimitException) {
            return "its dictionary is larger than 128 MiB (xz --lzma2=dict=128MiB), which no file may make a reader"
                    + " allocate";
        }
        if (cause instanceof Expansion.TooMuch) {
            return reason(cause);
        }
        return "truncated or damaged (" + reason(cause) + ")";
    }

    /** What a library says, and what it says of the reason. */
    private static String reason(Throwable thrown) {
        String message = thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage();
        return thrown.getCause() == null
                        || message.contains(thrown.getCause().getClass().getName())
                ? message
                : message + ": " + reason(thrown.getCause());
    }

    /** Without the mark that some programs put before a text. */
    static String withoutMark(String text) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** Decodes a whole file by its byte order mark, which is no part of it; without one it is UTF-8. */
    static String decodeFile(String place, byte[] bytes) {
        ByteOrderMark mark = ByteOrderMark.of(bytes);
        return decode(place, Arrays.copyOfRange(bytes, mark.length(), bytes.length), mark.charset());
    }

    /** Decodes UTF-8 and refuses what is not. */
    static String decode(String place, byte[] bytes) {
        return decode(place, bytes, StandardCharsets.UTF_8);
    }

    private static String decode(String place, byte[] bytes, Charset charset) {
        String text = new String(bytes, charset);
        if (text.indexOf('\uFFFD') < 0) {
            return text;
        }
        // A replacement character is either in the input or stands for malformed bytes: decode again, strictly.
        ByteBuffer in = ByteBuffer.wrap(bytes);
        var result = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .decode(in, CharBuffer.allocate(text.length() + 1), true);
        if (result.isError()) {
            throw CorruptInputException.row(
                    place,
                    String.format(
                            "not %s: byte 0x%02X at offset %d", charset.name(), bytes[in.position()], in.position()));
        }
        return text;
    }

    /** Refuses what no tokenizer may be given. */
    public static void requireWords(String place, String text) {
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || Character.isWhitespace(text.charAt(i))) {
                if (i - start > MAX_WORD_CHARACTERS) {
                    throw CorruptInputException.row(
                            place,
                            "a word of " + (i - start) + " characters at character " + start + ", "
                                    + MAX_WORD_CHARACTERS + " are allowed");
                }
                start = i + 1;
            }
        }
    }

    /** Refuses half a surrogate pair, which a JSON escape can express and UTF-8 cannot. */
    static String requireEncodable(String place, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw CorruptInputException.row(
                        place, String.format("the text has an unpaired surrogate \\u%04x at character %d", (int) c, i));
            }
        }
        return text;
    }
}
