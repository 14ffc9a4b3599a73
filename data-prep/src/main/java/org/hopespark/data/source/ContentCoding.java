package org.hopespark.data.source;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.brotli.dec.BrotliInputStream;

/** Undoes the codings of the body of an HTTP response (RFC 9110, section 8.4). */
final class ContentCoding {
    private ContentCoding() {}

    /**
     * The body as it was before it was encoded.
     *
     * @param headers values of Content-Encoding, in the order in which they were applied
     * @throws IOException if a coding is not known, or the body does not begin as it has to
     */
    static InputStream decoded(byte[] body, List<String> headers) throws IOException {
        List<String> codings = new ArrayList<>();
        for (String header : headers) {
            for (String coding : header.split(",", -1)) {
                codings.add(coding.strip().toLowerCase(Locale.ROOT));
            }
        }
        Collections.reverse(codings);
        for (String coding : codings) {
            requireKnown(coding);
        }
        return new Salvage(() -> {
            InputStream in = new ByteArrayInputStream(body);
            for (String coding : codings) {
                in = decoder(coding, in);
            }
            return in;
        });
    }

    private static void requireKnown(String coding) throws IOException {
        if (!isNone(coding)
                && !List.of("gzip", "x-gzip", "deflate", "br", "zstd").contains(coding)) {
            throw new IOException("unknown Content-Encoding '" + coding + "'");
        }
    }

    /** Servers name charsets here, and that there is no coding. */
    private static boolean isNone(String coding) {
        if (List.of("", "none", "identity", "binary", "8bit", "7bit").contains(coding)) {
            return true;
        }
        try {
            return Charset.isSupported(coding);
        } catch (IllegalArgumentException noName) {
            return false;
        }
    }

    @SuppressWarnings("deprecation") // the builder that replaces it is missing from Spark 3.5's commons-compress
    private static InputStream decoder(String coding, InputStream in) throws IOException {
        return switch (coding) {
            case "gzip", "x-gzip" -> new GzipCompressorInputStream(in, true);
            case "deflate" -> inflated(in);
            case "br" -> new BrotliInputStream(in);
            case "zstd" -> new ZstdFrames(in);
            default -> in;
        };
    }

    /** In the zlib format, as the standard asks, or without its header, as some servers send it. */
    private static InputStream inflated(InputStream in) throws IOException {
        byte[] header = in.readNBytes(2);
        boolean zlib = header.length == 2
                && (header[0] & 0x0F) == 8
                && (Byte.toUnsignedInt(header[0]) << 8 | Byte.toUnsignedInt(header[1])) % 31 == 0;
        return new InflaterInputStream(
                new java.io.SequenceInputStream(new ByteArrayInputStream(header), in), new Inflater(!zlib));
    }
}
