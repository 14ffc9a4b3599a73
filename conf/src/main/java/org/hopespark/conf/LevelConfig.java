package org.hopespark.conf;

import java.util.List;

/**
 * One level as the configuration lists it.
 *
 * @param periodSteps C^(l) in optimizer steps
 * @param learningRateFactor multiplies the run's learning rate for this level. An update of AdamW is a unit step
 *     whatever the period, and a level with period C has a Cth of the updates: at a factor of 1 it moves less than one
 *     with period 1; sqrt(C) makes up for a part of that, C for all of it
 * @param continuumHidden hidden width of this level's MLP in every block's continuum memory; 0 for none
 * @param inContextTokens period in tokens in which sequences update their own copies of these MLPs
 *     ({@code model.in-context}); 0 for never
 * @param stagger whether the blocks reach this level's boundaries in turns, spread over the period, so that no step has
 *     to carry all of it; each block's part is then a level of its own to clipping and optimizer, and its first window
 *     is shorter by the phase
 * @param wire number format in which this level's gradient travels: {@code float32}, or one of the approximate
 *     {@code bfloat16} and {@code int8}
 * @param delaySteps how many steps after its boundaries this level is updated, so that its exchange has that long;
 *     approximate, because the steps between still see the old parameters; 0 for exact
 * @param reduction what this level makes of the steps of its window: one update from the {@code mean} or the
 *     {@code sum} of their gradients, or the {@code sum-of-updates}, for which the level is exchanged at every step
 * @param optimizer how this level's parameters follow from its gradients
 * @param parameters patterns ({@code *} for any text) of parameter names that belong here rather than to their default
 *     level
 */
public record LevelConfig(
        long periodSteps,
        double learningRateFactor,
        int continuumHidden,
        int inContextTokens,
        boolean stagger,
        WireFormat wire,
        long delaySteps,
        Reduction reduction,
        OptimizerConfig optimizer,
        List<String> parameters) {
    static final LevelConfig DEFAULT = new LevelConfig(
            1, 1.0, 0, 0, false, WireFormat.FLOAT32, 0, Reduction.MEAN, OptimizerConfig.DEFAULT, List.of());

    public LevelConfig {
        parameters = List.copyOf(parameters);
        Checks checks = new Checks();
        Level.check(checks, periodSteps, learningRateFactor, wire, delaySteps, reduction);
        checks.that(continuumHidden >= 0, "continuum-hidden must be >= 0, got " + continuumHidden);
        checks.that(inContextTokens >= 0, "in-context-tokens must be >= 0, got " + inContextTokens);
        checks.that(
                inContextTokens <= 0 || continuumHidden != 0,
                "in-context-tokens " + inContextTokens + " needs an MLP to update: set continuum-hidden");
        checks.done();
    }
}
