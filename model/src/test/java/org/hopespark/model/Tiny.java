package org.hopespark.model;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.Settings;

/** A network small enough to be checked number by number. */
final class Tiny {
    static final int VOCABULARY = 23;
    static final int TOKENS = 16;

    private static final String SETTINGS = """
            seed: 3
            model:
              vocabulary-size: 23
              width: 16
              blocks: 2
              head-width: 8
              chunk-tokens: 4
              context-tokens: 16
            levels:
              - {period-steps: 1, continuum-hidden: 12}
              - {period-steps: 2, continuum-hidden: 12}
            training: {steps: 20, warmup-steps: 2, learning-rate: 1.0e-2}
            """;

    static {
        // kernels of tiny tensors spend their time waiting for each other, minutes on a busy machine
        Network.useThreads(1);
    }

    private Tiny() {}

    static RunConfig config(String... overrides) {
        return Settings.parse("tiny", SETTINGS).with(List.of(overrides)).bind(RunConfig.class);
    }

    /** A network in float64 whose parameters are all far from special values. */
    static Network shaken(RunConfig config) {
        return shaken(new Network(config, ElementType.FLOAT64, -1));
    }

    static Network shaken(Network network) {
        Random random = new Random(11);
        new TreeMap<>(parameters(network)).values().forEach(tensor -> {
            for (int i = 0; i < tensor.elements(); i++) {
                set(tensor, i, get(tensor, i) + 0.3 * random.nextGaussian());
            }
        });
        network.levels().sectionsLoaded();
        return network;
    }

    /** Random rows; each target is the id that follows. */
    static TokenBatch batch(long seed, int sequences, int tokens, int... starts) {
        Random random = new Random(seed);
        return new TokenBatch(IntStream.range(0, sequences)
                .mapToObj(i -> sequence(random.longs(tokens + 1L, 0, VOCABULARY).toArray(), starts))
                .toList());
    }

    static TokenBatch.Sequence sequence(long[] ids, int... starts) {
        return new TokenBatch.Sequence(
                Arrays.copyOf(ids, ids.length - 1), Arrays.copyOfRange(ids, 1, ids.length), starts);
    }

    /** Trains on random batches, a new one for each step. */
    static void train(RunConfig config, Network network, int steps) {
        for (int step = 1; step <= steps; step++) {
            TokenBatch batch = batch(step, 2, TOKENS, 0, 8);
            network.forwardBackward(batch, 1.0 / batch.targetCount());
            for (Level level : config.schedule().dueAt(step)) {
                network.levels().update(level, step, config.training());
            }
        }
    }

    /** The loop of one worker on random batches. */
    static TrainingLoop loop(RunConfig config, Network network, TrainingLoop.Listener listener) {
        return new TrainingLoop(
                config,
                network,
                BoundarySync.alone(),
                step -> new WorkerBatch(List.of(batch(step, 2, TOKENS, 0, 8))),
                listener,
                (step, windows) -> {});
    }

    static void copyParameters(Network from, Network to) {
        Map<String, FlatBuffer> source = parameters(from);
        parameters(to).forEach((name, tensor) -> {
            double[] values = values(source, name);
            for (int i = 0; i < values.length; i++) {
                set(tensor, i, values[i]);
            }
        });
        to.levels().sectionsLoaded();
    }

    static Map<String, FlatBuffer> parameters(Network network) {
        return tensors(network, "parameters");
    }

    static Map<String, FlatBuffer> gradients(Network network) {
        Map<String, FlatBuffer> result = new LinkedHashMap<>();
        tensors(network, "accumulator").forEach((name, data) -> result.put(name.replaceFirst("gradient.", ""), data));
        return result;
    }

    private static Map<String, FlatBuffer> tensors(Network network, String kind) {
        Map<String, FlatBuffer> result = new LinkedHashMap<>();
        for (StateSection section : network.levels().sectionsToLoad(Accumulators.REDUCED)) {
            if (section.name().endsWith(kind)) {
                section.tensors().forEach(tensor -> result.put(tensor.name(), tensor.data()));
            }
        }
        return result;
    }

    static double get(FlatBuffer tensor, int index) {
        ByteBuffer slice = tensor.slices().get(0);
        return tensor.type() == ElementType.FLOAT32 ? slice.getFloat(4 * index) : slice.getDouble(8 * index);
    }

    static void set(FlatBuffer tensor, int index, double value) {
        ByteBuffer slice = tensor.slices().get(0);
        if (tensor.type() == ElementType.FLOAT32) {
            slice.putFloat(4 * index, (float) value);
        } else {
            slice.putDouble(8 * index, value);
        }
    }

    static double[] values(Map<String, FlatBuffer> tensors, String name) {
        return values(requireNonNull(tensors.get(name), name));
    }

    static double[] values(FlatBuffer tensor) {
        return IntStream.range(0, (int) tensor.elements())
                .mapToDouble(i -> get(tensor, i))
                .toArray();
    }
}
