package org.hopespark.data.filter;

import java.util.List;

/** A text with some of its parts replaced by texts in turn. */
final class Replacements {
    private final String text;
    private final List<String> inTurn;
    private final StringBuilder out = new StringBuilder();
    private int count;
    private int end;

    Replacements(String text, List<String> inTurn) {
        this.text = text;
        this.inTurn = inTurn;
    }

    /** Where the last part ends that is replaced. */
    int end() {
        return end;
    }

    /** Replaces a part that lies behind those before it. */
    void add(int from, int to) {
        out.append(text, end, from).append(inTurn.get(count % inTurn.size()));
        count++;
        end = to;
    }

    String result() {
        return count == 0 ? text : out.append(text, end, text.length()).toString();
    }
}
