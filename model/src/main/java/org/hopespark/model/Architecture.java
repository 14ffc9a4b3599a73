package org.hopespark.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hopespark.conf.Level;
import org.hopespark.conf.LevelConfig;
import org.hopespark.conf.LevelSchedule;
import org.hopespark.conf.MemoryConfig;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.model.ParameterSpec.Initial;

/**
 * Hope's parameters: names, shapes, initial values and levels, in the order in which the scripts take them.
 *
 * <p>By default everything belongs to level 1 except the continuum memory, whose l-th MLP belongs to level l; a level's
 * {@code parameters} patterns move others. Where the continuum memory is nested, the initial state of the l-th MLP
 * belongs to level l + 1.
 *
 * @param model shapes
 * @param schedule the levels
 * @param embedding [V,D], tied with the head
 * @param blocks parameters of each block: those of the mixer, then those of the continuum memory
 * @param decoder parameters of what tells a sequence from the state of its last token; empty where the network tells
 *     the token that follows each one
 * @param norm [D], before the head
 * @param initialStates for each parameter of a continuum memory that restarts, the one that holds its initial state
 */
public record Architecture(
        ModelConfig model,
        LevelSchedule schedule,
        ParameterSpec embedding,
        List<List<ParameterSpec>> blocks,
        List<ParameterSpec> decoder,
        ParameterSpec norm,
        Map<ParameterSpec, ParameterSpec> initialStates) {

    public Architecture {
        blocks = blocks.stream().map(List::copyOf).toList();
        decoder = List.copyOf(decoder);
        initialStates = Collections.unmodifiableMap(new LinkedHashMap<>(initialStates));
    }

    /** The architecture that a configuration describes. */
    public static Architecture of(RunConfig config) {
        return new Builder(config).build(List.of());
    }

    /** The same with a decoder, which tells a sequence from the state of its last token. */
    static Architecture autoEncoder(RunConfig config) {
        Builder builder = new Builder(config);
        return builder.build(builder.decoder());
    }

    /** Parameters of a block's mixer. */
    static int mixerParameters(ModelConfig model) {
        if (model.mixer() == ModelConfig.Mixer.ATTENTION) {
            return 3;
        }
        return 9
                + (model.memory().depth() == 2 ? 1 : 0)
                + (model.memory().retention() ? 2 : 0)
                + (model.memory().tokenGates() > 0 ? 1 : 0);
    }

    /** All parameters, in the order of the network. */
    public List<ParameterSpec> parameters() {
        List<ParameterSpec> all = new ArrayList<>();
        all.add(embedding);
        blocks.forEach(all::addAll);
        all.addAll(decoder);
        all.add(norm);
        all.addAll(initialStates.values());
        return all;
    }

    /**
     * All parameters, in groups in the order in which backward finishes their gradients: the last norm and initial
     * states, the decoder if there is one, the blocks from the last to the first, the embedding.
     */
    List<List<ParameterSpec>> backwardGroups() {
        List<List<ParameterSpec>> groups = new ArrayList<>();
        groups.add(new ArrayList<>(List.of(norm)));
        groups.get(0).addAll(initialStates.values());
        if (!decoder.isEmpty()) {
            groups.add(decoder);
        }
        for (int i = blocks.size() - 1; i >= 0; i--) {
            groups.add(blocks.get(i));
        }
        groups.add(List.of(embedding));
        return groups;
    }

    /** Those that a forward pass uses: all but initial states. */
    List<ParameterSpec> forward() {
        List<ParameterSpec> used = new ArrayList<>(parameters());
        used.removeAll(initialStates.values());
        return used;
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

    /** Number of trained values of a level with all its parts. */
    public long size(int index) {
        return schedule.levels().stream()
                .filter(level -> level.index() == index)
                .mapToLong(this::size)
                .sum();
    }

    private static final class Builder {
        private static final Pattern BLOCK = Pattern.compile("blocks\\.(\\d+)\\.");

        private final ModelConfig model;
        private final LevelSchedule schedule;
        private final List<LevelConfig> levels;
        private final List<Placement> placements = new ArrayList<>();
        private final Map<ParameterSpec, ParameterSpec> initials = new LinkedHashMap<>();

        private record Placement(Pattern names, int level, String text) {}

        Builder(RunConfig config) {
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

        Architecture build(List<ParameterSpec> decoder) {
            long width = model.width();
            ParameterSpec embedding = matrix("embedding", 1, 0.02, (long) model.vocabularySize(), width);
            List<List<ParameterSpec>> blocks = new ArrayList<>();
            for (int i = 0; i < model.blocks(); i++) {
                String prefix = "blocks." + i + ".";
                List<ParameterSpec> block = new ArrayList<>(
                        model.mixer() == ModelConfig.Mixer.ATTENTION
                                ? attention(prefix + "mixer.")
                                : titans(prefix + "mixer."));
                block.addAll(continuum(prefix + "continuum."));
                blocks.add(block);
            }
            Architecture result = new Architecture(
                    model, schedule, embedding, blocks, decoder, constant("norm", 1, 1, width), initials);
            refuseIdlePatterns(result);
            return result;
        }

        /** The order is that of attention.torchscript. */
        private List<ParameterSpec> attention(String prefix) {
            long width = model.width();
            return List.of(
                    constant(prefix + "norm", 1, 1, width),
                    matrix(prefix + "query-key-value", 1, perRoot(width), width, 3 * width),
                    matrix(prefix + "output", 1, residual() * perRoot(width), width, width));
        }

        /** The order is that of titans.torchscript. */
        private List<ParameterSpec> titans(String prefix) {
            MemoryConfig memory = model.memory();
            long width = model.width();
            long heads = model.heads();
            long d = model.headWidth();
            long hidden = d * memory.hiddenRatio();
            List<ParameterSpec> mixer = new ArrayList<>();
            mixer.add(constant(prefix + "norm", 1, 1, width));
            mixer.add(matrix(prefix + "query-key-value", 1, perRoot(width), width, 3 * width));
            mixer.add(start(prefix + "convolution", Initial.normal(0.5), (long) memory.convolutionWidth(), 3 * width));
            // a memory of depth 1 is its own output side: small, as that of depth 2
            double up = memory.depth() == 2 ? 0.5 : 0.02;
            mixer.add(start(prefix + "memory.up", Initial.normal(up), heads, d, memory.count() * hidden));
            if (memory.depth() == 2) {
                mixer.add(start(prefix + "memory.down", Initial.normal(0.02), heads, (long) memory.count(), hidden, d));
            }
            mixer.add(start(prefix + "eta.head", Initial.normal(0.02), heads, d));
            mixer.add(start(prefix + "eta.bias", Initial.constant(etaBias()), heads));
            if (memory.retention()) {
                mixer.add(start(prefix + "alpha.head", Initial.normal(0.02), heads, d));
                Initial spread = new Initial(memory.retentionBias(), memory.retentionBiasLast(), 0);
                mixer.add(start(prefix + "alpha.bias", spread, heads));
            }
            if (memory.tokenGates() > 0) {
                mixer.add(start(prefix + "token-gates", Initial.constant(0), width, heads * memory.tokenGates()));
            }
            mixer.add(constant(prefix + "output-norm", 1, 1, heads, d));
            mixer.add(matrix(prefix + "gate", 1, perRoot(width), width, width));
            mixer.add(matrix(prefix + "output", 1, residual() * perRoot(width), width, width));
            return mixer;
        }

        /** The order is that of continuum.torchscript. */
        private List<ParameterSpec> continuum(String prefix) {
            List<ParameterSpec> all = new ArrayList<>();
            long mlps = 0;
            for (int index = 1; index <= levels.size(); index++) {
                long hidden = levels.get(index - 1).continuumHidden();
                if (hidden > 0) {
                    all.addAll(mlp(prefix + index + ".", index, hidden));
                    mlps++;
                }
            }
            if (model.continuum() == ModelConfig.Continuum.INDEPENDENT && mlps > 0) {
                all.add(constant(prefix + "weights", 1, 1, mlps));
            }
            return all;
        }

        private List<ParameterSpec> mlp(String prefix, int index, long hidden) {
            long width = model.width();
            List<ParameterSpec> mlp = new ArrayList<>();
            mlp.add(constant(prefix + "norm", index, 1, width));
            mlp.add(matrix(prefix + "up", index, perRoot(width), width, hidden));
            if (model.activation() == ModelConfig.Activation.SILU_GATED) {
                mlp.add(matrix(prefix + "gate", index, perRoot(width), width, hidden));
            }
            mlp.add(matrix(prefix + "down", index, residual() * perRoot(hidden), hidden, width));
            if (model.continuum() == ModelConfig.Continuum.NESTED && index < levels.size()) {
                mlp.forEach(state -> initials.put(state, initial(state, index + 1)));
            }
            return mlp;
        }

        /** The order is that of decoder.torchscript. */
        List<ParameterSpec> decoder() {
            long width = model.width();
            return List.of(
                    constant("decoder.1.norm", 1, 1, width),
                    matrix("decoder.1.linear", 1, perRoot(width), width, width),
                    constant("decoder.2.norm", 1, 1, width),
                    matrix("decoder.2.linear", 1, perRoot(width), width, width));
        }

        private ParameterSpec initial(ParameterSpec state, int index) {
            String name = state.name() + ".initial";
            Level level = owner(name, index);
            if (level.index() <= state.level().index()) {
                throw new UserException("parameter " + name + " must belong to a slower level than " + state.name()
                        + ", which starts anew from it, but they belong to " + level + " and " + state.level()
                        + ": change the parameters patterns of the levels, or model.continuum");
            }
            return new ParameterSpec(name, state.shape(), level, state.initial(), state.decays());
        }

        /** Keeps the variance of the residual stream from growing with the number of blocks. */
        private double residual() {
            return 1 / Math.sqrt(2.0 * model.blocks());
        }

        /** The inverse of eta = eta-max * sigmoid(bias); of no consequence where memories are never written. */
        private double etaBias() {
            MemoryConfig memory = model.memory();
            double share = memory.etaMax() == 0 ? 0.5 : memory.firstEta() / memory.etaMax();
            return Math.log(share / (1 - share));
        }

        private static double perRoot(long inputs) {
            return 1 / Math.sqrt((double) inputs);
        }

        private ParameterSpec matrix(String name, int level, double deviation, Long... shape) {
            return new ParameterSpec(name, List.of(shape), owner(name, level), Initial.normal(deviation), true);
        }

        private ParameterSpec constant(String name, int level, double value, Long... shape) {
            return new ParameterSpec(name, List.of(shape), owner(name, level), Initial.constant(value), false);
        }

        /** Taps, gates and where memories start: decay would pull them to values that mean nothing. */
        private ParameterSpec start(String name, Initial initial, Long... shape) {
            return new ParameterSpec(name, List.of(shape), owner(name, 1), initial, false);
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

        private void refuseIdlePatterns(Architecture architecture) {
            for (Placement placement : placements) {
                if (architecture.parameters().stream()
                        .noneMatch(p -> placement.names.matcher(p.name()).matches())) {
                    throw new UserException("levels." + (placement.level - 1) + ".parameters: '" + placement.text
                            + "' matches no parameter");
                }
            }
            for (Level level : schedule.levels()) {
                if (architecture.size(level) == 0) {
                    throw new UserException("level " + level + " owns no parameters: give it continuum-hidden or a"
                            + " parameters pattern, or remove it");
                }
            }
        }
    }
}
