package org.hopespark.model.eval;

/**
 * The answer to a {@link Request}.
 *
 * @param logLikelihood sum of the log-probabilities of the scored tokens
 * @param tokens how many were scored
 * @param greedy whether each of them was the model's first choice
 */
public record Likelihood(double logLikelihood, long tokens, boolean greedy) {
    /** Of two texts, one after the other. */
    Likelihood plus(Likelihood next) {
        return new Likelihood(logLikelihood + next.logLikelihood, tokens + next.tokens, greedy && next.greedy);
    }
}
