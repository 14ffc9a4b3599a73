package org.hopespark.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hopespark.conf.Level;
import org.hopespark.conf.LevelConfig;
import org.hopespark.conf.LevelSchedule;
import org.hopespark.conf.MixerConfig;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;

/**
 * Hope's parameters: names, shapes, initial values and levels, in the order in which the scripts take them.
 *
 * <p>By default everything belongs to level 1 except the continuum memory, whose l-th MLP belongs to level l; a level's
 * {@code parameters} patterns move others. Where the continuum memory is nested, the initial state of the l-th MLP
 * belongs to level l + 1.
 *
 * @param model shapes
 * @param schedule the levels
 * @param embedding [V,D]
 * @param blocks parameters of each block: those of the mixer, then those of the continuum memory
 * @param decoder parameters of what predicts a sequence from the state of its last token; empty where the network
 *     predicts the token that follows each one
 * @param norm [D], before the head
 * @param head [V,D]: the embedding, or a parameter of its own
 * @param initialStates for each parameter of a continuum memory that restarts, the one that holds its initial state
 */
public record Architecture(
        ModelConfig model,
        LevelSchedule schedule,
        ParameterSpec embedding,
        List<List<ParameterSpec>> blocks,
        List<ParameterSpec> decoder,
        ParameterSpec norm,
        ParameterSpec head,
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

    /** The same with a decoder, which predicts a sequence from the state of its last token. */
    static Architecture autoEncoder(RunConfig config) {
        Builder builder = new Builder(config);
        return builder.build(builder.decoder());
    }

    /** All parameters, in the order of the network. */
    public List<ParameterSpec> parameters() {
        List<ParameterSpec> all = new ArrayList<>();
        all.add(embedding);
        blocks.forEach(all::addAll);
        all.addAll(decoder);
        all.addAll(last());
        all.addAll(initialStates.values());
        return all;
    }

    /** What comes behind the blocks: the norm and a head of its own. */
    private List<ParameterSpec> last() {
        return isTied() ? List.of(norm) : List.of(norm, head);
    }

    /** Whether the head is the embedding. */
    public boolean isTied() {
        return head.equals(embedding);
    }

    /**
     * All parameters, in groups in the order in which backward finishes their gradients: what comes behind the blocks
     * and initial states, the decoder if there is one, the blocks from the last to the first, the embedding.
     */
    List<List<ParameterSpec>> backwardGroups() {
        List<List<ParameterSpec>> groups = new ArrayList<>();
        groups.add(new ArrayList<>(last()));
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
        private final ModelConfig model;
        private final LevelSchedule schedule;
        private final List<LevelConfig> levels;
        private final ParameterSpecs specs;
        private final Map<ParameterSpec, ParameterSpec> initialStates = new LinkedHashMap<>();

        Builder(RunConfig config) {
            model = config.model();
            schedule = config.schedule();
            levels = config.levels();
            specs = new ParameterSpecs(config);
        }

        Architecture build(List<ParameterSpec> decoder) {
            long width = model.width();
            ParameterSpec embedding = rowsOfIds(ParameterSpec.EMBEDDING);
            List<MixerConfig> mixers = model.mixers();
            List<List<ParameterSpec>> blocks = new ArrayList<>();
            for (int i = 0; i < model.blocks(); i++) {
                String prefix = "blocks." + i + ".";
                List<ParameterSpec> block =
                        new ArrayList<>(Mixer.of(model, mixers.get(i)).parameters(specs, prefix + "mixer."));
                block.addAll(continuum(prefix + "continuum."));
                blocks.add(block);
            }
            ParameterSpec head = model.tiedEmbeddings() ? embedding : rowsOfIds(ParameterSpec.HEAD);
            Architecture result = new Architecture(
                    model,
                    schedule,
                    embedding,
                    blocks,
                    decoder,
                    specs.constant("norm", 1, 1, width),
                    head,
                    initialStates);
            specs.refuseIdleSettings(result);
            return result;
        }

        private ParameterSpec rowsOfIds(String name) {
            return specs.matrix(name, 1, 0.02, (long) model.vocabularySize(), (long) model.width());
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
                all.add(specs.constant(prefix + "weights", 1, 1, mlps));
            }
            return all;
        }

        private List<ParameterSpec> mlp(String prefix, int index, long hidden) {
            long width = model.width();
            double root = ParameterSpecs.perRoot(width);
            List<ParameterSpec> mlp = new ArrayList<>();
            mlp.add(specs.constant(prefix + "norm", index, 1, width));
            mlp.add(specs.matrix(prefix + "up", index, root, width, hidden));
            if (model.activation() == ModelConfig.Activation.SILU_GATED) {
                mlp.add(specs.matrix(prefix + "gate", index, root, width, hidden));
            }
            mlp.add(specs.matrix(
                    prefix + "down", index, specs.residual() * ParameterSpecs.perRoot(hidden), hidden, width));
            if (model.continuum() == ModelConfig.Continuum.NESTED && index < levels.size()) {
                mlp.forEach(state -> initialStates.put(state, specs.initialState(state, index + 1)));
            }
            return mlp;
        }

        /** The order is that of decoder.torchscript. */
        List<ParameterSpec> decoder() {
            long width = model.width();
            double root = ParameterSpecs.perRoot(width);
            return List.of(
                    specs.constant("decoder.1.norm", 1, 1, width),
                    specs.matrix("decoder.1.linear", 1, root, width, width),
                    specs.constant("decoder.2.norm", 1, 1, width),
                    specs.matrix("decoder.2.linear", 1, root, width, width));
        }
    }
}
