package org.hopespark.data.filter;

/** The phrases for which C4 drops lines or documents, found in one pass, in capitals too. */
final class Phrases {
    private static final String[] POLICIES = {
        "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies"
    };

    /** Characters with which a phrase begins. */
    private static final boolean[] BEGINS = new boolean[128];

    static {
        for (char c : "{lLjJtTpPcCuU".toCharArray()) {
            BEGINS[c] = true;
        }
    }

    private Phrases() {}

    /** Which of the kinds that {@link C4Text} names occur in a part of a text. */
    static int in(char[] text, int start, int end) {
        int found = 0;
        for (int i = start; i < end; i++) {
            if (text[i] >= BEGINS.length || !BEGINS[text[i]]) {
                continue;
            }
            switch (text[i]) {
                case '{' -> found |= C4Text.CURLY_BRACKET;
                case 'l', 'L' -> found |= isAt("lorem ipsum", text, i, end) ? C4Text.LOREM_IPSUM : 0;
                case 'j', 'J' -> found |= isAt("javascript", text, i, end) ? C4Text.JAVASCRIPT : 0;
                case 't', 'T', 'p', 'P', 'c', 'C', 'u', 'U' -> found |= isPolicyAt(text, i, end) ? C4Text.POLICY : 0;
                default -> {}
            }
        }
        return found;
    }

    private static boolean isPolicyAt(char[] text, int at, int end) {
        for (String policy : POLICIES) {
            if (isAt(policy, text, at, end)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAt(String phrase, char[] text, int at, int end) {
        if (at + phrase.length() > end) {
            return false;
        }
        for (int i = 0; i < phrase.length(); i++) {
            char c = text[at + i];
            if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != phrase.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
