package org.hopespark.data.filter;

import org.hopespark.conf.C4Config;

/** The lines of one text that the rules of C4 keep. */
final class C4Text {
    static final int LOREM_IPSUM = 1;
    static final int JAVASCRIPT = 2;
    static final int CURLY_BRACKET = 4;
    static final int POLICY = 8;

    private static final String[] CITATIONS = {"[edit]", "[citation needed]"};

    private final C4Config config;
    private final char[] in;
    private final char[] out;
    private int size;
    private int sentences;

    C4Text(C4Config config, String text) {
        this.config = config;
        in = text.toCharArray();
        out = new char[in.length + 1];
    }

    /** Takes over the lines that stay, up to the first that removes the document; the phrases for which it does. */
    int takeLines() {
        int wanted = (config.loremIpsum() ? LOREM_IPSUM : 0)
                | (config.javascript() ? JAVASCRIPT : 0)
                | (config.curlyBracket() ? CURLY_BRACKET : 0)
                | (config.policy() ? POLICY : 0);
        int end;
        for (int start = 0; start < in.length; start = end + 1) {
            end = start;
            while (end < in.length && in[end] != '\n') {
                end++;
            }
            int before = size;
            if (!takeLine(start, end)) {
                size = before;
                continue;
            }
            int phrases = Phrases.in(out, before, size) & wanted;
            if ((phrases & LOREM_IPSUM) != 0) {
                return LOREM_IPSUM;
            } else if ((phrases & JAVASCRIPT) != 0) {
                size = before;
            } else if ((phrases & CURLY_BRACKET) != 0) {
                return CURLY_BRACKET;
            } else if ((phrases & POLICY) != 0) {
                size = before;
            } else {
                sentences += Sentences.in(out, before, size);
                out[size++] = '\n';
            }
        }
        return 0;
    }

    int sentences() {
        return sentences;
    }

    String kept() {
        return new String(out, 0, size).strip();
    }

    /** Copies a line without blanks around it and without citations; whether its form lets it stay. */
    private boolean takeLine(int lineStart, int lineEnd) {
        int start = lineStart;
        int end = lineEnd;
        while (start < end && Chars.isBlank(in[start])) {
            start++;
        }
        while (end > start && Chars.isBlank(in[end - 1])) {
            end--;
        }
        int before = size;
        int words = 0;
        int wordStart = start;
        for (int i = start; i < end; i++) {
            char c = in[i];
            if (Chars.isBlank(c)) {
                wordStart = i + 1;
            } else {
                words += i == wordStart ? 1 : 0;
                if (i - wordStart >= config.mostWordCharacters()) {
                    return false;
                }
            }
            int citation = c == '[' && config.citations() ? citation(i, end) : 0;
            if (citation > 0) {
                i += citation - 1;
            } else {
                out[size++] = c;
            }
        }
        return words >= config.leastWordsPerLine() && (!config.terminalPunctuation() || endsWell(before));
    }

    /** Length of the citation at an opening bracket; 0 if there is none. */
    private int citation(int at, int end) {
        int i = at + 1;
        while (i < end && in[i] >= '0' && in[i] <= '9') {
            i++;
        }
        if (i < end && in[i] == ']') {
            return i + 1 - at;
        }
        for (String citation : CITATIONS) {
            if (at + citation.length() <= end && citation.contentEquals(new String(in, at, citation.length()))) {
                return citation.length();
            }
        }
        return 0;
    }

    private boolean endsWell(int lineStart) {
        if (size == lineStart) {
            return false;
        }
        return switch (out[size - 1]) {
            case '?', '!', '"', '\'' -> true;
            case '.' -> size - lineStart < 3 || out[size - 2] != '.' || out[size - 3] != '.';
            default -> false;
        };
    }
}
