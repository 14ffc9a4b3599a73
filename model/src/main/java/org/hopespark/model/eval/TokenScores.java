package org.hopespark.model.eval;

/** What a model says of ids 1..n-1 of a sequence of n ids, each given the ids before it. */
public final class TokenScores {
    private final double[] logProbabilities;
    private final boolean[] argmax;

    /**
     * Takes both arrays over.
     *
     * @param logProbabilities natural logarithms; place i is of id i+1
     * @param argmax whether id i+1 is the model's first choice there
     */
    public TokenScores(double[] logProbabilities, boolean[] argmax) {
        if (logProbabilities.length != argmax.length) {
            throw new IllegalArgumentException("each log-probability needs its argmax flag, got "
                    + logProbabilities.length + " and " + argmax.length);
        }
        this.logProbabilities = logProbabilities;
        this.argmax = argmax;
    }

    /** Ids scored. */
    public int length() {
        return argmax.length;
    }

    /** The sum over the last {@code count} ids. */
    Likelihood last(int count) {
        double sum = 0;
        boolean greedy = true;
        for (int i = length() - count; i < length(); i++) {
            sum += logProbabilities[i];
            greedy &= argmax[i];
        }
        return new Likelihood(sum, count, greedy);
    }
}
