package org.hopespark.data.filter;

import java.util.List;

/**
 * Replaces e-mail addresses: words of the characters that RFC 5322 allows without quotes, with points between them; an
 * at sign; and at least two labels of a domain. The same addresses as datatrove's, but for domains that are numbers in
 * square brackets.
 */
final class Emails {
    private static final List<String> NOBODYS = List.of("email@example.com", "firstname.lastname@example.org");
    private static final boolean[] LOCAL = new boolean[128];

    static {
        for (char c : "!#$%&'*+/=?^_`{|}~-".toCharArray()) {
            LOCAL[c] = true;
        }
        for (char c = 0; c < 128; c++) {
            LOCAL[c] |= isAlphanumeric(c);
        }
    }

    private Emails() {}

    static String replaced(String text) {
        Replacements replacements = new Replacements(text, NOBODYS);
        for (int at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
            int start = localStart(text, at, replacements.end());
            int end = start < at ? domainEnd(text, at + 1) : -1;
            if (end > 0) {
                replacements.add(start, end);
                at = end - 1;
            }
        }
        return replacements.result();
    }

    /** Where the part before the at sign begins; at the sign itself if there is none. */
    private static int localStart(String text, int at, int least) {
        int start = at;
        while (start > least
                && (isLocal(text.charAt(start - 1))
                        || (text.charAt(start - 1) == '.'
                                && start < at
                                && start - 1 > least
                                && isLocal(text.charAt(start - 2))))) {
            start--;
        }
        // like a regular expression's \b, an address begins where letters and digits begin or end
        while (start < at && (text.charAt(start) == '.' || !isBoundary(text, start))) {
            start++;
        }
        return start;
    }

    private static boolean isBoundary(String text, int at) {
        return isWord(text.charAt(at)) != (at > 0 && isWord(text.charAt(at - 1)));
    }

    private static int domainEnd(String text, int start) {
        int end = -1;
        int label = start;
        for (int labels = 1; label < text.length() && isAlphanumeric(text.charAt(label)); labels++) {
            int next = label;
            while (next < text.length() && (isAlphanumeric(text.charAt(next)) || text.charAt(next) == '-')) {
                next++;
            }
            int last = next;
            while (text.charAt(last - 1) == '-') {
                last--;
            }
            end = labels > 1 ? last : -1;
            if (last < next || next == text.length() || text.charAt(next) != '.') {
                return end;
            }
            label = next + 1;
        }
        return end;
    }

    private static boolean isLocal(char c) {
        return c < 128 && LOCAL[c];
    }

    private static boolean isAlphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private static boolean isWord(char c) {
        return c == '_' || Character.isLetterOrDigit(c);
    }
}
