package org.hopespark.conf;

/**
 * What a level makes of the steps of its window (Nested Learning, Eq. 71: the sum over the window of eta_t f(theta_t;
 * x_t), where f is the error component of an arbitrary optimizer).
 */
public enum Reduction {
    /** One update from the mean of the gradients. */
    MEAN(""),
    /**
     * One update from the sum of the gradients, as Eq. 71 prints it for gradient descent. AdamW divides by the size of
     * what it is given, so that with it the sum differs from the mean only by clipping, which bites earlier, and by
     * epsilon, which weighs less.
     */
    SUM("sum"),
    /**
     * The sum of updates: every step's gradient is clipped and goes through AdamW at that step's learning rate, with
     * the level's parameters as they were at the last boundary; what they should move by, weight decay included, is
     * added up and applied at the boundary. AdamW is not linear, and needs the gradient of the whole batch: the level
     * is exchanged at every step.
     */
    SUM_OF_UPDATES("sum of updates");

    private final String title;

    Reduction(String title) {
        this.title = title;
    }

    /** How reports call it; empty for the mean. */
    public String title() {
        return title;
    }
}
