package org.hopespark.conf;

import java.util.List;

/**
 * One level as the configuration lists it.
 *
 * @param periodSteps C^(l) in optimizer steps
 * @param learningRateFactor multiplies the run's learning rate at this level's boundaries
 * @param continuumHidden hidden width of this level's MLP in every block's continuum memory; 0 for none
 * @param parameters patterns ({@code *} for any text) of parameter names that belong here rather than to their default
 *     level
 */
public record LevelConfig(long periodSteps, double learningRateFactor, int continuumHidden, List<String> parameters) {
    static final LevelConfig DEFAULT = new LevelConfig(1, 1.0, 0, List.of());

    public LevelConfig {
        parameters = List.copyOf(parameters);
        if (continuumHidden < 0) {
            throw new IllegalArgumentException("continuum-hidden must be >= 0, got " + continuumHidden);
        }
    }
}
