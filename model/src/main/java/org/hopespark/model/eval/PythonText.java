package org.hopespark.model.eval;

import java.util.Locale;
import java.util.regex.Pattern;

/** Text functions that behave as Python's, which the rules of the tasks were written in. */
final class PythonText {
    /** One character that {@code str.isspace} and {@code \s} accept; Java's own {@code \s} is ASCII only. */
    static final String SPACE = "[\\s\\x1c-\\x1f\\x85\\p{Z}]";

    private static final Pattern LEADING = Pattern.compile("^" + SPACE + "+");
    private static final Pattern SPACES = Pattern.compile(SPACE + "+");
    private static final int SHOWN = 60;

    private PythonText() {}

    /** {@code text.rstrip()}. */
    static String stripTrailing(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    /** {@code text.strip()}. */
    static String strip(String text) {
        return LEADING.matcher(stripTrailing(text)).replaceFirst("");
    }

    /** {@code text.capitalize()}: the first letter upper case, all others lower case. */
    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int rest = text.offsetByCodePoints(0, 1);
        return text.substring(0, rest).toUpperCase(Locale.ROOT)
                + text.substring(rest).toLowerCase(Locale.ROOT);
    }

    /** {@code len(re.split(r"\s+", text))}: an empty piece at either end counts. */
    static int words(String text) {
        return SPACES.split(text, -1).length;
    }

    /** {@code len(text)}: Unicode code points. */
    static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** For messages. */
    static String shorten(String text) {
        return length(text) <= SHOWN ? text : text.substring(0, text.offsetByCodePoints(0, SHOWN)) + "...";
    }

    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }
}
