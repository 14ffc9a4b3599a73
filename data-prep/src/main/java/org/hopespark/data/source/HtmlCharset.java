package org.hopespark.data.source;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The encoding of a web page. Labels mean what browsers take them for (WHATWG Encoding Standard, section 4.2), which is
 * a superset of what they name; Java takes them literally.
 */
final class HtmlCharset {
    /** Bytes in which a declaration is looked for; the standard asks for 1,024, and pages have it later, too. */
    private static final int HEAD_BYTES = 1 << 14;

    private static final Pattern COMMENT = Pattern.compile("<!--.*?(-->|$)", Pattern.DOTALL);
    private static final Pattern DECLARATION = Pattern.compile(
            "<(?:meta\\b[^>]*?\\bcharset|\\?xml\\b[^>]*?\\bencoding)\\s*=\\s*[\"']?\\s*([^\\s\"'/>;?]+)",
            Pattern.CASE_INSENSITIVE);

    private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

    private HtmlCharset() {}

    /** What the page declares; otherwise UTF-8 where it is valid, and windows-1252 where it is not. */
    static Charset of(byte[] html) {
        String head = new String(html, 0, Math.min(html.length, HEAD_BYTES), StandardCharsets.ISO_8859_1);
        Matcher declaration = DECLARATION.matcher(COMMENT.matcher(head).replaceAll(""));
        Optional<Charset> declared = declaration.find() ? ofLabel(declaration.group(1)) : Optional.empty();
        return declared.map(HtmlCharset::readable).orElseGet(() -> guess(html));
    }

    /** A page whose declaration could be read is not of 16 bits. */
    private static Charset readable(Charset declared) {
        return declared.name().startsWith("UTF-16") ? StandardCharsets.UTF_8 : declared;
    }

    private static Charset guess(byte[] html) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(html));
            return StandardCharsets.UTF_8;
        } catch (CharacterCodingException e) {
            return WINDOWS_1252;
        }
    }

    /** The encoding that a browser takes a label for; empty if it names none. */
    static Optional<Charset> ofLabel(String label) {
        try {
            String name = label.strip();
            return name.isEmpty() ? Optional.empty() : Optional.of(forBrowsers(Charset.forName(name)));
        } catch (IllegalArgumentException unknown) {
            return Optional.empty();
        }
    }

    private static Charset forBrowsers(Charset charset) {
        return switch (charset.name().toLowerCase(Locale.ROOT)) {
            case "us-ascii", "iso-8859-1" -> WINDOWS_1252;
            case "iso-8859-9" -> Charset.forName("windows-1254");
            case "iso-8859-11", "tis-620" -> Charset.forName("x-windows-874");
            case "gb2312", "gbk", "x-euc-cn" -> Charset.forName("GB18030");
            case "big5" -> Charset.forName("Big5-HKSCS");
            case "shift_jis" -> Charset.forName("windows-31j");
            case "euc-kr" -> Charset.forName("x-windows-949");
            default -> charset;
        };
    }
}
