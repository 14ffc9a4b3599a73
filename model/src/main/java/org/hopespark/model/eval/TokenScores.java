package org.hopespark.model.eval;

/** What a model says of the targets of a window, each given the ids before it. */
public final class TokenScores {
    private final double[] logProbabilities;
    private final boolean[] argmax;

    /**
     * Takes both arrays over.
     *
     * @param logProbabilities natural logarithms
     * @param argmax whether a target is the model's first choice there
     */
    public TokenScores(double[] logProbabilities, boolean[] argmax) {
        if (logProbabilities.length != argmax.length) {
            throw new IllegalArgumentException("each log-probability needs its argmax flag, got "
                    + logProbabilities.length + " and " + argmax.length);
        }
        this.logProbabilities = logProbabilities;
        this.argmax = argmax;
    }

    /** Targets scored. */
    public int length() {
        return argmax.length;
    }

    /** Of all targets together. */
    Likelihood sum() {
        double sum = 0;
        boolean greedy = true;
        for (int i = 0; i < length(); i++) {
            sum += logProbabilities[i];
            greedy &= argmax[i];
        }
        return new Likelihood(sum, length(), greedy);
    }
}
