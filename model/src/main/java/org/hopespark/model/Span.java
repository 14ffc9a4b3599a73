package org.hopespark.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Tokens of a block's pass that are computed together.
 *
 * @param from the first, which begins a chunk
 * @param to behind the last
 * @param weights what the sequences have made of the block's parameters by then
 */
record Span(int from, int to, FastWeights weights) {

    /** Spans of equal length, the last one perhaps shorter, in which the parameters are as trained. */
    static List<Span> every(int spanTokens, int tokens) {
        List<Span> spans = new ArrayList<>();
        for (int from = 0; from < tokens; from += spanTokens) {
            spans.add(new Span(from, Math.min(from + spanTokens, tokens), FastWeights.NONE));
        }
        return spans;
    }
}
