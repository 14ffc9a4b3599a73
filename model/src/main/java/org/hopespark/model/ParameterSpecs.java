package org.hopespark.model;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hopespark.conf.Level;
import org.hopespark.conf.LevelConfig;
import org.hopespark.conf.LevelSchedule;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.model.ParameterSpec.Initial;

/**
 * Makes the parameters of a network: each has one owner, its default level or the one whose pattern its name matches.
 */
final class ParameterSpecs {
    private static final Pattern BLOCK = Pattern.compile("blocks\\.(\\d+)\\.");

    private final ModelConfig model;
    private final LevelSchedule schedule;
    private final List<LevelConfig> levels;
    private final List<Placement> placements = new ArrayList<>();

    private record Placement(Pattern names, int level, String text) {}

    ParameterSpecs(RunConfig config) {
        model = config.model();
        schedule = config.schedule();
        levels = config.levels();
        for (int index = 1; index <= levels.size(); index++) {
            for (String pattern : levels.get(index - 1).parameters()) {
                String regex = "\\Q" + pattern.replace("*", "\\E.*\\Q") + "\\E";
                placements.add(new Placement(Pattern.compile(regex), index, pattern));
            }
        }
    }

    /** A matrix that every token passes: normal, and weight decay applies. */
    ParameterSpec matrix(String name, int level, double deviation, Long... shape) {
        return matrix(name, level, Initial.normal(deviation), shape);
    }

    /** The same with other initial values. */
    ParameterSpec matrix(String name, int level, Initial initial, Long... shape) {
        return new ParameterSpec(name, List.of(shape), owner(name, level), initial, true);
    }

    /** Norms and weights that begin with one value; no weight decay. */
    ParameterSpec constant(String name, int level, double value, Long... shape) {
        return new ParameterSpec(name, List.of(shape), owner(name, level), Initial.constant(value), false);
    }

    /** Taps, gates and where memories start: decay would pull them to values that mean nothing. Level 1. */
    ParameterSpec start(String name, Initial initial, Long... shape) {
        return new ParameterSpec(name, List.of(shape), owner(name, 1), initial, false);
    }

    /**
     * Where a parameter that restarts begins.
     *
     * @param state the parameter
     * @param index of the level that learns the start
     */
    ParameterSpec initialState(ParameterSpec state, int index) {
        String name = state.name() + ".initial";
        Level level = owner(name, index);
        if (level.index() <= state.level().index()) {
            throw new UserException("parameter " + name + " must belong to a slower level than " + state.name()
                    + ", which restarts from it, but they belong to " + level + " and " + state.level()
                    + ": change the parameters patterns of the levels, or model.continuum");
        }
        return new ParameterSpec(name, state.shape(), level, state.initial(), state.decays());
    }

    /** Keeps the variance of the residual stream from growing with the number of blocks. */
    double residual() {
        return 1 / Math.sqrt(2.0 * model.blocks());
    }

    /** Keeps the variance of a product with that many inputs. */
    static double perRoot(long inputs) {
        return 1 / Math.sqrt((double) inputs);
    }

    private Level owner(String name, int index) {
        int level = placements.stream()
                .filter(placement -> placement.names.matcher(name).matches())
                .reduce((first, second) -> {
                    if (first.level == second.level) {
                        return first;
                    }
                    throw new UserException("parameter " + name + " is claimed by levels " + first.level + " ('"
                            + first.text + "') and " + second.level + " ('" + second.text
                            + "'); a parameter has one owner");
                })
                .map(Placement::level)
                .orElse(index);
        Matcher block = BLOCK.matcher(name);
        return block.lookingAt()
                ? schedule.of(level, Integer.parseInt(block.group(1)), model.blocks())
                : schedule.first(level);
    }

    /** Refuses patterns that match no parameter, levels that own none, and optimizers that need others. */
    void refuseIdleSettings(Architecture architecture) {
        List<String> problems = new ArrayList<>();
        for (Placement placement : placements) {
            if (architecture.parameters().stream()
                    .noneMatch(p -> placement.names.matcher(p.name()).matches())) {
                problems.add("levels." + (placement.level - 1) + ".parameters: '" + placement.text
                        + "' matches no parameter");
            }
        }
        for (Level level : schedule.levels()) {
            if (architecture.size(level) == 0) {
                problems.add("level " + level + " owns no parameters: give it continuum-hidden or a"
                        + " parameters pattern, or remove it");
            }
        }
        for (int index = 1; index <= levels.size(); index++) {
            if (needsMatrices(architecture, index)) {
                problems.add("levels." + (index - 1) + ".optimizer: "
                        + levels.get(index - 1).optimizer().name().title()
                        + " is for matrices with weight decay other than the embedding, and level " + index
                        + " owns none: choose another optimizer, or give it continuum-hidden or a parameters pattern");
            }
        }
        if (!problems.isEmpty()) {
            throw new UserException(String.join("; ", problems));
        }
    }

    private boolean needsMatrices(Architecture architecture, int index) {
        return Optimizer.of(levels.get(index - 1).optimizer()).stream()
                .filter(optimizer -> optimizer.ownership() == Optimizer.Ownership.MATRIX)
                .anyMatch(optimizer -> architecture.parameters().stream()
                        .filter(spec -> spec.level().index() == index)
                        .noneMatch(optimizer::takes));
    }
}
