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

    /** As a line that {@link #parse} reads back without loss. */
    public String print() {
        return logLikelihood + " " + tokens + " " + greedy;
    }

    /** Reads {@link #print}. */
    public static Likelihood parse(String line) {
        String[] parts = line.split(" ", 3);
        return new Likelihood(Double.parseDouble(parts[0]), Long.parseLong(parts[1]), Boolean.parseBoolean(parts[2]));
    }
}
