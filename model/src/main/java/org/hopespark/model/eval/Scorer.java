package org.hopespark.model.eval;

import java.util.List;

/** A network as evaluation sees it: ids in, log-probabilities out. */
public interface Scorer {
    /** M, the most ids the network is fed at once; a sequence to score has one more, its last target. */
    int maxTokens();

    /**
     * Scores the targets of each window on its own; all have between 2 and {@code maxTokens() + 1} ids, the longest
     * first.
     */
    List<TokenScores> score(List<Window> windows);

    /** Whether {@link #scoreFamilies} can be asked. */
    default boolean sharesContexts() {
        return false;
    }

    /**
     * The same of windows whose contexts have one length; reads the context of each family once.
     *
     * @param families windows of one context each
     * @return scores family by family
     */
    default List<TokenScores> scoreFamilies(List<List<Window>> families) {
        throw new UnsupportedOperationException("this scorer shares no contexts");
    }

    /** The natural log-probability of each id but the first, with state carried over any length. */
    double[] carried(int[] ids);

    /**
     * What follows a prompt of any length, the likeliest id each time.
     *
     * @param prompt at least one id
     * @return at most {@code count} ids; fewer if the end of the text comes
     */
    int[] write(int[] prompt, int count);

    /** The number format the network computes in, shown beside results. */
    default String dtype() {
        return "float32";
    }
}
