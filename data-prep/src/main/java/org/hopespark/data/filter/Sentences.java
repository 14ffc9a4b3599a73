package org.hopespark.data.filter;

import java.util.Set;

/**
 * Counts sentences by a rule: one ends at {@code . ? !}, with quotes and brackets that close, where the line ends or a
 * blank and no small letter follows; not after an initial or a common abbreviation. C4 and datatrove ask a model of
 * NLTK, which knows more abbreviations; a count of five or more, which is all C4 wants, hardly depends on them.
 */
final class Sentences {
    private static final Set<String> ABBREVIATIONS = Set.of(
            "Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Gen", "Col", "Capt", "Rev", "Hon", "Sen", "Gov", "Fig", "Vol", "vs",
            "cf", "e.g", "i.e");
    private static final int LONGEST = 4;

    private Sentences() {}

    static int in(char[] text, int start, int end) {
        int sentences = 0;
        boolean open = false;
        int i = start;
        while (i < end) {
            if (!isMark(text[i])) {
                open |= !Chars.isBlank(text[i]);
                i++;
                continue;
            }
            open = true;
            int mark = i;
            while (i < end && (isMark(text[i]) || closes(text[i]))) {
                i++;
            }
            if (i < end && !Chars.isBlank(text[i])) {
                continue;
            }
            boolean single = text[mark] == '.' && i == mark + 1;
            while (i < end && Chars.isBlank(text[i])) {
                i++;
            }
            if (i == end || (!Character.isLowerCase(text[i]) && !(single && abbreviates(text, start, mark)))) {
                sentences++;
                open = false;
            }
        }
        return open ? sentences + 1 : sentences;
    }

    private static boolean isMark(char c) {
        return (c <= '?' || c >= '\u2026') && isOneOfTheMarks(c);
    }

    private static boolean isOneOfTheMarks(char c) {
        return c == '.' || c == '?' || c == '!' || c == '\u3002' || c == '\uFF1F' || c == '\uFF01' || c == '\u2026';
    }

    private static boolean closes(char c) {
        return c == '"' || c == '\'' || c == ')' || c == ']' || c == '\u201D' || c == '\u2019' || c == '\u00BB';
    }

    private static boolean abbreviates(char[] text, int start, int point) {
        int from = point;
        while (from > start
                && point - from <= LONGEST
                && (Character.isLetter(text[from - 1]) || text[from - 1] == '.')) {
            from--;
        }
        int length = point - from;
        return (length == 1 && Character.isUpperCase(text[from]))
                || (length > 1 && length <= LONGEST && ABBREVIATIONS.contains(new String(text, from, length)));
    }
}
