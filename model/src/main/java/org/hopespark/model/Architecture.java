package org.hopespark.model;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.hopespark.conf.ConfigException;
import org.hopespark.conf.Level;
import org.hopespark.conf.LevelConfig;
import org.hopespark.conf.LevelSchedule;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;

/**
 * Hope's parameters: names, shapes, initial values and levels, in the order in which the scripts take them.
 *
 * <p>By default everything belongs to level 1 except the continuum memory, whose l-th MLP belongs to level l; a level's
 * {@code parameters} patterns move others.
 *
 * @param model shapes
 * @param schedule the levels
 * @param embedding [V,D], tied with the head
 * @param blocks parameters of each block: twelve of the mixer, then those of the continuum memory
 * @param norm [D], before the head
 */
public record Architecture(
        ModelConfig model,
        LevelSchedule schedule,
        ParameterSpec embedding,
        List<List<ParameterSpec>> blocks,
        ParameterSpec norm) {

    /** Number of memories of a head: k, eta, alpha, v and the main one. */
    static final int MEMORIES = 5;

    public Architecture {
        blocks = blocks.stream().map(List::copyOf).toList();
    }

    /** The architecture that a configuration describes. */
    public static Architecture of(RunConfig config) {
        return new Builder(config).build();
    }

    /** All parameters, in the order of the network. */
    public List<ParameterSpec> parameters() {
        List<ParameterSpec> all = new ArrayList<>();
        all.add(embedding);
        blocks.forEach(all::addAll);
        all.add(norm);
        return all;
    }

    /** Number of trained values. */
    public long size() {
        return parameters().stream().mapToLong(ParameterSpec::elements).sum();
    }

    /** Number of trained values of one level. */
    public long size(Level level) {
        return parameters().stream()
                .filter(p -> p.level().equals(level))
                .mapToLong(ParameterSpec::elements)
                .sum();
    }

    private static final class Builder {
        private final ModelConfig model;
        private final LevelSchedule schedule;
        private final List<LevelConfig> levels;
        private final List<Placement> placements = new ArrayList<>();

        private record Placement(Pattern names, Level level, String text) {}

        Builder(RunConfig config) {
            model = config.model();
            schedule = config.schedule();
            levels = config.levels();
            for (Level level : schedule.levels()) {
                for (String pattern : levels.get(level.index() - 1).parameters()) {
                    String regex = "\\Q" + pattern.replace("*", "\\E.*\\Q") + "\\E";
                    placements.add(new Placement(Pattern.compile(regex), level, pattern));
                }
            }
        }

        Architecture build() {
            long width = model.width();
            ParameterSpec embedding = matrix("embedding", 1, 0.02, (long) model.vocabularySize(), width);
            List<List<ParameterSpec>> blocks = new ArrayList<>();
            for (int i = 0; i < model.blocks(); i++) {
                List<ParameterSpec> block = new ArrayList<>(mixer("blocks." + i + ".mixer."));
                for (Level level : schedule.levels()) {
                    block.addAll(continuum("blocks." + i + ".continuum." + level.index() + ".", level.index()));
                }
                blocks.add(block);
            }
            Architecture result = new Architecture(model, schedule, embedding, blocks, constant("norm", 1, 1, width));
            refuseIdlePatterns(result);
            return result;
        }

        /** Twelve tensors; the order is that of titans.torchscript. */
        private List<ParameterSpec> mixer(String prefix) {
            long width = model.width();
            long heads = model.heads();
            long d = model.headWidth();
            long hidden = d * model.memoryHiddenRatio();
            double residual = 1 / Math.sqrt(2.0 * model.blocks());
            return List.of(
                    constant(prefix + "norm", 1, 1, width),
                    matrix(prefix + "query-key-value", 1, perRoot(width), width, 3 * width),
                    matrix(prefix + "convolution", 1, 0.5, (long) model.convolutionWidth(), 3 * width),
                    matrix(prefix + "memory.up", 1, 0.5, heads, d, MEMORIES * hidden),
                    matrix(prefix + "memory.down", 1, 0.02, heads, (long) MEMORIES, hidden, d),
                    matrix(prefix + "eta.head", 1, 0.02, heads, d),
                    constant(prefix + "eta.bias", 1, etaBias(), heads),
                    matrix(prefix + "alpha.head", 1, 0.02, heads, d),
                    constant(prefix + "alpha.bias", 1, model.retentionBias(), heads),
                    constant(prefix + "output-norm", 1, 1, heads, d),
                    matrix(prefix + "gate", 1, perRoot(width), width, width),
                    matrix(prefix + "output", 1, residual * perRoot(width), width, width));
        }

        private List<ParameterSpec> continuum(String prefix, int index) {
            long width = model.width();
            long hidden = levels.get(index - 1).continuumHidden();
            List<ParameterSpec> mlp = new ArrayList<>();
            if (hidden > 0) {
                double residual = 1 / Math.sqrt(2.0 * model.blocks());
                mlp.add(constant(prefix + "norm", index, 1, width));
                mlp.add(matrix(prefix + "up", index, perRoot(width), width, hidden));
                if (model.activation() == ModelConfig.Activation.SILU_GATED) {
                    mlp.add(matrix(prefix + "gate", index, perRoot(width), width, hidden));
                }
                mlp.add(matrix(prefix + "down", index, residual * perRoot(hidden), hidden, width));
            }
            return mlp;
        }

        /**
         * Starts eta at 1/(2C): all gradients of a chunk are taken at one state, so that a chunk acts like one step of
         * C times eta, and above 2 such a step overshoots and the outer gradient grows from chunk to chunk.
         */
        private double etaBias() {
            double share = Math.min(0.5, 1 / (2.0 * model.chunkTokens() * Math.max(model.etaMax(), 1e-3)));
            return Math.log(share / (1 - share));
        }

        private static double perRoot(long inputs) {
            return 1 / Math.sqrt((double) inputs);
        }

        private ParameterSpec matrix(String name, int level, double deviation, Long... shape) {
            return new ParameterSpec(name, List.of(shape), owner(name, level), 0, deviation, true);
        }

        private ParameterSpec constant(String name, int level, double value, Long... shape) {
            return new ParameterSpec(name, List.of(shape), owner(name, level), value, 0, false);
        }

        private Level owner(String name, int index) {
            return placements.stream()
                    .filter(placement -> placement.names.matcher(name).matches())
                    .reduce((first, second) -> {
                        if (first.level.equals(second.level)) {
                            return first;
                        }
                        throw new ConfigException("parameter " + name + " is claimed by levels " + first.level.index()
                                + " ('" + first.text + "') and " + second.level.index() + " ('" + second.text
                                + "'); a parameter has one owner");
                    })
                    .map(Placement::level)
                    .orElse(schedule.levels().get(index - 1));
        }

        private void refuseIdlePatterns(Architecture architecture) {
            for (Placement placement : placements) {
                if (architecture.parameters().stream()
                        .noneMatch(p -> placement.names.matcher(p.name()).matches())) {
                    throw new ConfigException("levels." + (placement.level.index() - 1) + ".parameters: '"
                            + placement.text + "' matches no parameter");
                }
            }
            for (Level level : schedule.levels()) {
                if (architecture.size(level) == 0) {
                    throw new ConfigException("level " + level + " owns no parameters: give it continuum-hidden or a"
                            + " parameters pattern, or remove it");
                }
            }
        }
    }
}
