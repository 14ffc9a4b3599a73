package org.hopespark.model.eval.longcontext;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts text into sentences by a rule, where the references ask a trained model (Punkt): after a full stop, question or
 * exclamation mark, before a capital or a digit, but not after an initial or a common title.
 */
final class Sentences {
    private static final Pattern END =
            Pattern.compile("[.!?][\"'\u201d\u2019)\\]]{0,2} (?=[\"'\u201c\u2018(\\[]?[\\p{Lu}\\p{N}])");
    private static final Pattern ABBREVIATION =
            Pattern.compile("(?:^|[^\\p{L}])(?:\\p{Lu}|Mr|Mrs|Ms|Dr|St|Messrs|Mme|Prof|Rev|Capt|Col|Gen|vol|No)\\.$");
    private static final int LONGEST_ABBREVIATION = 8;
    private static final Pattern SPACES = Pattern.compile("(?U)\\s+");

    private Sentences() {}

    /** One space for every run of white space, none at the ends. */
    static String fold(String text) {
        return SPACES.matcher(text).replaceAll(" ").strip();
    }

    /** Sentences of folded text; joined by single spaces they are the text again. */
    static List<String> split(String folded) {
        List<String> result = new ArrayList<>();
        Matcher matcher = END.matcher(folded);
        int start = 0;
        while (matcher.find()) {
            String tail =
                    folded.substring(Math.max(start, matcher.start() - LONGEST_ABBREVIATION), matcher.start() + 1);
            if (!ABBREVIATION.matcher(tail).find()) {
                result.add(folded.substring(start, matcher.end() - 1));
                start = matcher.end();
            }
        }
        if (start < folded.length()) {
            result.add(folded.substring(start));
        }
        return result;
    }
}
