package org.hopespark.model.health;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Accumulators;
import org.hopespark.model.Architecture;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.Network;
import org.hopespark.model.ParameterSpec;
import org.hopespark.model.SectionKind;
import org.hopespark.model.StateSection;
import org.hopespark.model.TokenBatch;

/** Measures a network. Its gradients are cleared; its parameters are as they were when this returns. */
public final class HealthCheck {
    private final RunConfig config;
    private final Network network;
    private final Function<RunConfig, Network> beginning;
    private final Consumer<String> progress;

    /**
     * A check.
     *
     * @param config of the network
     * @param beginning makes networks as the run has begun with them
     * @param progress receives what is measured next
     */
    public HealthCheck(
            RunConfig config, Network network, Function<RunConfig, Network> beginning, Consumer<String> progress) {
        this.config = config;
        this.network = network;
        this.beginning = beginning;
        this.progress = progress;
    }

    /**
     * Text that a trained model was not trained on.
     *
     * @param rows at least one
     * @param bytesPerTarget UTF-8 bytes that a target spells
     */
    public record HeldOutText(List<TokenBatch.Sequence> rows, double bytesPerTarget) {
        public HeldOutText {
            rows = List.copyOf(rows);
        }
    }

    /**
     * Measures what a network without training has, too.
     *
     * @param text ids of a document, repeated if it is too short
     * @param tokens of the longest document; at least the context
     */
    public Health fresh(long[] text, int tokens) {
        return measure(text, tokens, Optional.empty());
    }

    /** Measures everything. The rows are the document, too. */
    public Health trained(HeldOutText heldOut, int tokens, long step) {
        long[] text = heldOut.rows().stream()
                .flatMapToLong(row -> Arrays.stream(row.inputs()))
                .limit(tokens + 1L)
                .toArray();
        return measure(text, tokens, Optional.of(trained(heldOut, step)));
    }

    private Health measure(long[] text, int tokens, Optional<Health.Trained> trained) {
        int context = config.model().contextTokens();
        TokenBatch.Sequence longest = document(text, tokens);
        progress.accept("inner learning over " + tokens + " tokens");
        var blocks = network.innerStatistics(new TokenBatch(List.of(longest)));
        List<String> withoutGradient = new ArrayList<>();
        List<Health.Gradient> gradients = new ArrayList<>();
        for (int length = context; length <= tokens; length *= 4) {
            progress.accept("gradient over " + length + " tokens");
            Map<String, Double> norms = gradientNorms(document(text, length));
            if (gradients.isEmpty()) {
                network.architecture().initialStates().values().forEach(initial -> norms.remove(initial.name()));
                norms.forEach((name, norm) -> {
                    if (norm == 0) {
                        withoutGradient.add(name);
                    }
                });
            }
            gradients.add(gradient(length, norms));
        }
        progress.accept("what predictions know of later tokens");
        double leak = Leak.of(
                batch -> network.scores(batch).logProbabilities(),
                document(text, context),
                config.model().vocabularySize());
        return new Health(longest, blocks, gradients, withoutGradient, leak, trained);
    }

    private static TokenBatch.Sequence document(long[] text, int tokens) {
        long[] inputs = new long[tokens];
        long[] targets = new long[tokens];
        Arrays.setAll(inputs, t -> text[t % text.length]);
        Arrays.setAll(targets, t -> text[(t + 1) % text.length]);
        return new TokenBatch.Sequence(inputs, targets, new int[0]);
    }

    /** By tensor. */
    private Map<String, Double> gradientNorms(TokenBatch.Sequence document) {
        Map<String, Double> norms = new LinkedHashMap<>();
        clearGradients();
        network.forwardBackward(new TokenBatch(List.of(document)), 1.0 / document.inputs().length);
        for (StateSection section : network.levels().sectionsToSave(Accumulators.REDUCED)) {
            if (SectionKind.ACCUMULATOR.matches(section.name())) {
                for (NamedTensor tensor : section.tensors()) {
                    norms.put(tensor.name().substring("gradient.".length()), norm(tensor.data()));
                }
            }
        }
        clearGradients();
        return norms;
    }

    private void clearGradients() {
        config.schedule()
                .levels()
                .forEach(level -> network.levels().gradient(level).clear());
    }

    private Health.Gradient gradient(int tokens, Map<String, Double> norms) {
        double[] squares = new double[config.levels().size()];
        for (ParameterSpec spec : network.architecture().parameters()) {
            double norm = norms.getOrDefault(spec.name(), 0.0);
            squares[spec.level().index() - 1] += norm * norm;
        }
        return new Health.Gradient(
                tokens,
                Arrays.stream(squares).map(Math::sqrt).boxed().toList(),
                norms.entrySet().stream()
                        .max(Map.Entry.comparingByValue())
                        .orElseThrow()
                        .getKey());
    }

    private Health.Trained trained(HeldOutText heldOut, long step) {
        progress.accept("loss on " + heldOut.rows().size() + " held-out rows");
        double bits = bitsPerByte(network, heldOut);
        double withoutWrites = withoutWrites(heldOut);
        List<Health.LevelHealth> levels = new ArrayList<>();
        List<String> unmoved = new ArrayList<>();
        try (Network began = beginning.apply(config)) {
            Map<String, FlatBuffer> before = byName(began);
            Map<String, FlatBuffer> now = byName(network);
            for (int index = 1; index <= config.levels().size(); index++) {
                List<String> names = namesOf(index);
                long boundaries = boundaries(index, step);
                if (boundaries > 0) {
                    names.stream()
                            .filter(name -> distance(at(now, name), at(before, name)) == 0)
                            .forEach(unmoved::add);
                }
                progress.accept("loss with level " + index + " as it began");
                levels.add(new Health.LevelHealth(
                        index, boundaries, drift(names, now, before), frozen(names, before, heldOut)));
            }
        }
        return new Health.Trained(step, bits, withoutWrites, levels, unmoved);
    }

    private double withoutWrites(HeldOutText heldOut) {
        if (!config.model().hasMemories()) {
            return Double.NaN;
        }
        progress.accept("loss without writes");
        try (Network same = beginning.apply(config.with(List.of("model.memory.eta-max=0")))) {
            Map<String, FlatBuffer> values = byName(network);
            byName(same).forEach((name, tensor) -> tensor.copy(at(values, name)));
            same.levels().sectionsLoaded();
            return bitsPerByte(same, heldOut);
        }
    }

    /** The network goes back to these parameters for a moment. */
    private double frozen(List<String> names, Map<String, FlatBuffer> before, HeldOutText heldOut) {
        Map<String, FlatBuffer> now = byName(network);
        Map<String, FlatBuffer> kept = new HashMap<>();
        for (String name : names) {
            FlatBuffer tensor = at(now, name);
            FlatBuffer copy = FlatBuffer.allocate(tensor.type(), tensor.elements());
            copy.copy(tensor);
            kept.put(name, copy);
            tensor.copy(at(before, name));
        }
        network.levels().sectionsLoaded();
        try {
            return bitsPerByte(network, heldOut);
        } finally {
            kept.forEach((name, values) -> at(now, name).copy(values));
            network.levels().sectionsLoaded();
        }
    }

    private static double bitsPerByte(Network network, HeldOutText heldOut) {
        double nats = 0;
        long targets = 0;
        for (TokenBatch.Sequence row : heldOut.rows()) {
            TokenBatch batch = new TokenBatch(List.of(row));
            // 0 where there is no target
            nats -= Arrays.stream(network.scores(batch).logProbabilities()).sum();
            targets += batch.targetCount();
        }
        // whole bytes, as evaluations count them
        return nats / (Math.round(targets * heldOut.bytesPerTarget()) * Math.log(2));
    }

    private List<String> namesOf(int index) {
        Architecture architecture = network.architecture();
        return architecture.parameters().stream()
                .filter(spec -> spec.level().index() == index)
                .map(ParameterSpec::name)
                .toList();
    }

    /** Updates of the part of the level that has had the fewest. */
    private long boundaries(int index, long step) {
        long warmup = config.training().warmupSteps();
        return config.schedule().levels().stream()
                .filter(level -> level.index() == index)
                .mapToLong(level -> Math.max(
                        0,
                        windows(level, step - level.delaySteps())
                                // those that close in warm-up are dropped
                                - (level.periodSteps() == 1 ? 0 : windows(level, warmup - 1))))
                .min()
                .orElseThrow();
    }

    /** Windows that have closed by a step. */
    private static long windows(Level level, long step) {
        return Math.max(0, step + level.phaseSteps()) / level.periodSteps();
    }

    private static Map<String, FlatBuffer> byName(Network network) {
        Map<String, FlatBuffer> tensors = new LinkedHashMap<>();
        network.levels().parameters().forEach(tensor -> tensors.put(tensor.name(), tensor.data()));
        return tensors;
    }

    private static FlatBuffer at(Map<String, FlatBuffer> tensors, String name) {
        return Optional.ofNullable(tensors.get(name)).orElseThrow();
    }

    private static double drift(List<String> names, Map<String, FlatBuffer> now, Map<String, FlatBuffer> before) {
        double moved = 0;
        double size = 0;
        for (String name : names) {
            double distance = distance(at(now, name), at(before, name));
            double norm = norm(at(before, name));
            moved += distance * distance;
            size += norm * norm;
        }
        return Math.sqrt(moved / size);
    }

    private static double distance(FlatBuffer a, FlatBuffer b) {
        double sum = 0;
        for (long i = 0; i < a.elements(); i++) {
            double difference = a.get(i) - b.get(i);
            sum += difference * difference;
        }
        return Math.sqrt(sum);
    }

    private static double norm(FlatBuffer a) {
        double sum = 0;
        for (long i = 0; i < a.elements(); i++) {
            sum += a.get(i) * a.get(i);
        }
        return Math.sqrt(sum);
    }
}
