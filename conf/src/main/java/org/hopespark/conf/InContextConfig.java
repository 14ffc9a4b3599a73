package org.hopespark.conf;

/**
 * The in-context form of the continuum memory (Nested Learning, sections 7.1 and 9.1): inside a sequence, the MLPs of a
 * level with {@link LevelConfig#inContextTokens} learn to predict the sequence's own next token, whatever of it is
 * scored. Every sequence has a copy of them, which starts from the trained parameters at each document start and takes
 * a step of gradient descent each time that many tokens have passed.
 *
 * @param blocks how many of the last blocks learn so; 0 for none
 * @param learningRate of these steps
 * @param clipNorm largest norm of a step's gradient, taken on its mean over the window's tokens, for each sequence and
 *     level; 0 for no limit
 * @param training whether training sees these steps, too, and not evaluation and generation alone. They are not
 *     differentiated through
 */
public record InContextConfig(int blocks, double learningRate, double clipNorm, boolean training) {
    static final InContextConfig DEFAULT = new InContextConfig(0, 0.1, 1.0, false);

    public InContextConfig {
        Checks checks = new Checks();
        checks.that(blocks >= 0, "blocks must be >= 0, got " + blocks);
        checks.that(learningRate >= 0, "learning-rate must be >= 0, got " + learningRate);
        checks.that(clipNorm >= 0, "clip-norm must be >= 0, got " + clipNorm);
        checks.done();
    }
}
