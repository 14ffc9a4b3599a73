package org.hopespark.model;

import static java.util.Objects.requireNonNull;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hopespark.conf.Level;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.TrainingConfig;

/**
 * The network: embedding, blocks of a sequence mixer and a continuum memory, tied head; with its gradients and its
 * optimizer.
 *
 * <p>The mathematics is TorchScript; this class composes it. Every block is a graph of its own between two leaves. Its
 * backward receives the gradient of its output and leaves that of its input. An instance belongs to the thread that
 * made it.
 */
public final class Network implements AutoCloseable {
    private final Architecture architecture;
    private final ElementType type;
    private final int recomputeEveryChunks;
    private final InContext inContext;
    private final Torch torch;
    private final Map<Level, LevelState> levels = new LinkedHashMap<>();
    private final List<NDList> blocks = new ArrayList<>();

    /**
     * A network with initial values that follow from the configuration's seed.
     *
     * @param config architecture, levels and seed
     * @param type of parameters, gradients and computation
     * @param gpu number of the GPU, or -1 for the CPU
     */
    public Network(RunConfig config, ElementType type, int gpu) {
        this.architecture = Architecture.of(config);
        this.type = type;
        this.recomputeEveryChunks = config.training().recomputeEveryChunks();
        torch = new Torch(gpu < 0 ? Device.cpu() : Device.gpu(gpu), TorchScriptArchive.write(config.model(), type));
        for (Level level : architecture.schedule().levels()) {
            List<ParameterSpec> owned = architecture.parameters().stream()
                    .filter(p -> p.level().equals(level))
                    .toList();
            levels.put(level, new LevelState(torch, type, level, owned, config.seed()));
        }
        for (List<ParameterSpec> block : architecture.blocks()) {
            blocks.add(Torch.named("p", block.stream().map(this::leaf).toList()));
        }
        architecture.schedule().levels().forEach(this::restartFrom);
        inContext = new InContext(torch, config, architecture);
    }

    /** A network on the CPU in float32. */
    public Network(RunConfig config) {
        this(config, ElementType.FLOAT32, -1);
    }

    /** Kernel threads of this process; one for each core that the worker owns. */
    public static void useThreads(int threads) {
        Torch.useThreads(threads);
    }

    /** Names, shapes and levels of the parameters. */
    public Architecture architecture() {
        return architecture;
    }

    /**
     * Adds the gradient of {@code scale} times the summed loss to the gradient of every level.
     *
     * @param scale usually 1 / target tokens of the global batch
     * @return sum over the targets of the negative log-likelihood, in nats
     */
    public double forwardBackward(TokenBatch batch, double scale) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            Inputs inputs = Inputs.of(manager, architecture.model(), batch);
            List<BlockPass> passes = new ArrayList<>();
            NDArray x = embed(inputs);
            int spanTokens = (int) Math.min(inputs.tokens(), (long) recomputeEveryChunks * inputs.chunkTokens());
            List<Span> anew = spanTokens == 0 ? List.of() : Span.every(spanTokens, inputs.tokens());
            List<List<Span>> last = List.of();
            for (int i = 0; i < blocks.size(); i++) {
                if (i == inContext.firstBlock() && inContext.inTraining()) {
                    last = inContext(batch, inputs, x, true).spans();
                }
                List<Span> spans = last.isEmpty() ? anew : last.get(i - inContext.firstBlock());
                BlockPass pass = new BlockPass(torch, blocks.get(i), inputs, x, spans);
                passes.add(pass);
                x = pass.output();
            }
            NDArray end = Torch.leaf(x);
            NDArray normalised = Torch.recording(() -> normalise(end));
            NDList lossAndGradient = torch.call(
                    "head_loss",
                    normalised.stopGradient(),
                    leaf(architecture.embedding()).stopGradient(),
                    inputs.targets(),
                    state(architecture.embedding()).gradientView(architecture.embedding()),
                    Torch.create(manager, Torch.dataType(type), new double[] {scale}, new Shape()));
            Torch.backward(normalised, lossAndGradient.get(1));
            NDArray gradient = end.getGradient();
            for (int i = passes.size() - 1; i >= 0; i--) {
                gradient = passes.get(i).backward(gradient);
            }
            torch.call(
                    "embed_backward",
                    inputs.ids(),
                    gradient,
                    state(architecture.embedding()).gradientView(architecture.embedding()));
            return number(lossAndGradient.get(0));
        }
    }

    /** Log-probability of each target and whether it is the most likely id, in row-major [B,T]; no gradient. */
    public Scores scores(TokenBatch batch) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            Inputs inputs = Inputs.of(manager, architecture.model(), batch);
            NDList result =
                    torch.call("head_scores", hidden(batch, inputs), leaf(architecture.embedding()), inputs.targets());
            return new Scores(numbers(result.get(0)), numbers(result.get(1)));
        }
    }

    /** How the memories of each block learn inside a batch; empty where there are none. */
    public List<InnerStatistics> innerStatistics(TokenBatch batch) {
        List<InnerStatistics> statistics = new ArrayList<>();
        if (architecture.model().mixer() == ModelConfig.Mixer.ATTENTION) {
            return statistics;
        }
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            Inputs inputs = Inputs.of(manager, architecture.model(), batch);
            NDArray x = embed(inputs);
            for (NDList block : blocks) {
                NDList result = block("watch_block", x, inputs, block);
                x = result.get(0);
                statistics.add(InnerStatistics.of(numbers(result.get(1))));
            }
        }
        return statistics;
    }

    /**
     * How far a level's parameters are from where they began, relative to their norm there; seen on a sample of them.
     */
    public double drift(Level level) {
        return state(level).drift();
    }

    /** Lets {@link #drift} count from the parameters as they are now, which were written from outside. */
    public void startHere() {
        levels.values().forEach(LevelState::startHere);
    }

    /** Logits of what follows each id of one document, in row-major [T,V]; no gradient. */
    public double[] logits(int... ids) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            NDArray hidden = hidden(Inputs.following(manager, architecture.model(), ids, 0));
            return numbers(torch.call("head_logits", hidden, leaf(architecture.embedding()))
                    .get(0));
        }
    }

    /** The state of a sequence that has no tokens yet. */
    public InferenceState begin() {
        return new InferenceState(torch.manager().newSubManager());
    }

    /** A state that {@link InferenceState#save} wrote. */
    public InferenceState resume(InputStream in) throws IOException {
        InferenceState state = begin();
        state.load(in);
        if (state.tokens() > 0 && state.blocks().size() != blocks.size()) {
            throw new IOException("the saved state is of a network with "
                    + state.blocks().size() + " blocks, this one has " + blocks.size());
        }
        return state;
    }

    /**
     * Feeds a sequence its next tokens.
     *
     * @param state of the sequence, moved on
     * @param ids at least one
     * @return logits [V] of the id that follows
     */
    public double[] advance(InferenceState state, int... ids) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            Inputs inputs = Inputs.following(manager, architecture.model(), ids, state.tokens());
            List<NDList> next = new ArrayList<>();
            NDArray x = embed(inputs);
            for (int i = 0; i < blocks.size(); i++) {
                NDList arguments = new NDList(x);
                arguments.addAll(inputs.span(0, ids.length));
                if (state.tokens() > 0) {
                    arguments.addAll(Torch.named("state", state.blocks().get(i)));
                }
                arguments.addAll(blocks.get(i));
                NDList result = torch.call(state.tokens() > 0 ? "continue_block" : "begin_block", arguments);
                x = result.remove(0);
                result.forEach(NDScope::unregister);
                next.add(result);
            }
            state.advance(next, ids.length);
            NDArray last = normalise(x).get(ids.length - 1 + ":" + ids.length);
            return numbers(torch.call("head_logits", last, leaf(architecture.embedding()))
                    .get(0));
        }
    }

    /** Scores in row-major [B,T]. */
    @SuppressWarnings("ArrayRecordComponent") // a plain pair of columns
    public record Scores(double[] logProbabilities, double[] greedy) {}

    /** The gradient that a level has accumulated since its last boundary. */
    public LevelGradient gradient(Level level) {
        return new LevelGradient(state(level));
    }

    /**
     * To be called at a level's boundary before its gradient is exchanged: where a slower level learns the initial
     * state of this one's parameters (Nested Learning, Eq. 72), the window counts for that, too. To first order the
     * gradient of an initial state is the sum of the gradients along the way that starts there.
     */
    public void closeWindow(Level level) {
        List<NDArray> windows = new ArrayList<>();
        List<NDArray> sums = new ArrayList<>();
        architecture.initials().forEach((state, initial) -> {
            if (state.level().equals(level)) {
                windows.add(state(state).gradientView(state));
                sums.add(state(initial).gradientView(initial));
            }
        });
        callOnPairs("add", sums, windows);
    }

    /** Parameters whose initial state a level owns start anew from it. */
    private void restartFrom(Level level) {
        List<NDArray> states = new ArrayList<>();
        List<NDArray> values = new ArrayList<>();
        architecture.initials().forEach((state, initial) -> {
            if (initial.level().equals(level)) {
                states.add(leaf(state));
                values.add(leaf(initial));
            }
        });
        callOnPairs("copy", states, values);
    }

    private void callOnPairs(String method, List<NDArray> to, List<NDArray> from) {
        if (to.isEmpty()) {
            return;
        }
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            // names are set on the views, not on the leaves themselves
            NDList arguments =
                    Torch.named("to", to.stream().map(NDArray::stopGradient).toList());
            arguments.addAll(
                    Torch.named("a", from.stream().map(NDArray::stopGradient).toList()));
            torch.call(method, arguments);
        }
    }

    /**
     * Updates a level at its boundary from the sum of its window's gradients, and clears that sum. Everything that is
     * not linear (clip, moments, decay) happens here, after the exchange.
     *
     * <p>Where the level owns initial states, the parameters that start from them start anew. So levels that are due at
     * one step are updated fastest first.
     *
     * @param step the boundary, where the learning rate is read
     * @return norm of the window's mean gradient, before clipping
     * @throws DivergedException if that is not finite; parameters and moments are then as they were
     */
    public double update(Level level, long step, TrainingConfig training) {
        LevelState state = state(level);
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            List<NDArray> gradients = state.views(state.gradient());
            NDArray means = manager.create(new double[] {1.0 / level.periodSteps(), training.clipNorm()});
            double norm = torch.call("mean_and_clip", Torch.named("g", gradients, means))
                    .get(0)
                    .toDoubleArray()[0];
            if (!Double.isFinite(norm)) {
                throw new DivergedException("the gradient of level " + level + " is not finite at step " + step + ": "
                        + state.notFinite() + "; training has diverged: go on from the last checkpoint with a lower"
                        + " training.learning-rate or training.clip-norm");
            }
            state.countBoundary();
            for (int half = 0; half < gradients.size(); half++) {
                NDList arguments = new NDList();
                arguments.addAll(
                        Torch.named("p", List.of(state.views(state.parameters()).get(half))));
                arguments.addAll(Torch.named("g", List.of(gradients.get(half))));
                arguments.addAll(Torch.named(
                        "m", List.of(state.views(state.firstMoment()).get(half))));
                arguments.addAll(Torch.named(
                        "v", List.of(state.views(state.secondMoment()).get(half))));
                // the kernel reads a count that was already advanced
                NDArray count = manager.create(new float[] {(float) state.boundariesPassed()}, new Shape());
                arguments.addAll(Torch.named("count", List.of(count)));
                arguments.add(manager.create(new double[] {
                    training.learningRateAt(step) * level.learningRateFactor(),
                    half == LevelState.DECAYING ? training.weightDecay() : 0,
                    training.beta1(),
                    training.beta2(),
                    training.epsilon()
                }));
                torch.call("adamw", arguments);
            }
            restartFrom(level);
            return norm;
        }
    }

    /** Fingerprint of each level's parameters, fastest level first. */
    public long[] digests() {
        return levels.keySet().stream().mapToLong(this::digest).toArray();
    }

    /** Fingerprint of a level's parameters. */
    public long digest(Level level) {
        FlatTensor parameters = state(level).parameters();
        parameters.pull();
        return parameters.buffer().digest();
    }

    /** Live views of everything that a checkpoint holds. */
    public List<StateSection> sections() {
        return levels.values().stream()
                .flatMap(state -> state.sections().stream())
                .toList();
    }

    /** Live views of the parameters, in the order of the architecture. */
    public List<NamedTensor> parameters() {
        Map<String, NamedTensor> byName = new HashMap<>();
        levels.values().forEach(state -> state.parameterTensors().forEach(tensor -> byName.put(tensor.name(), tensor)));
        return architecture.parameters().stream()
                .map(spec -> requireNonNull(byName.get(spec.name())))
                .toList();
    }

    /** To be called after {@link #sections} were written from outside. */
    public void sectionsLoaded() {
        levels.values().forEach(LevelState::sectionsLoaded);
    }

    /** Arrays that the engine holds for this network; the same number between any two calls. */
    int liveArrays() {
        return torch.manager().getManagedArrays().size();
    }

    private NDArray hidden(Inputs inputs) {
        return normalise(throughBlocks(inputs, blocks.size()));
    }

    /** The same, with what the sequences learn in context. */
    private NDArray hidden(TokenBatch batch, Inputs inputs) {
        if (inContext.firstBlock() == blocks.size()) {
            return hidden(inputs);
        }
        NDArray x = throughBlocks(inputs, inContext.firstBlock());
        return normalise(inContext(batch, inputs, x, false).output());
    }

    private NDArray throughBlocks(Inputs inputs, int count) {
        NDArray x = embed(inputs);
        for (NDList block : blocks.subList(0, count)) {
            x = block("block", x, inputs, block).get(0);
        }
        return x;
    }

    private InContext.Result inContext(TokenBatch batch, Inputs inputs, NDArray x, boolean keepSpans) {
        List<NDList> last = blocks.subList(inContext.firstBlock(), blocks.size());
        return inContext.read(
                batch, inputs, x, last, leaf(architecture.norm()), leaf(architecture.embedding()), keepSpans);
    }

    private NDArray embed(Inputs inputs) {
        return torch.call("embed", inputs.ids(), leaf(architecture.embedding())).get(0);
    }

    private NDList block(String method, NDArray x, Inputs inputs, NDList parameters) {
        NDList arguments = new NDList(x);
        arguments.addAll(inputs.span(0, inputs.tokens()));
        arguments.addAll(parameters);
        return torch.call(method, arguments);
    }

    private NDArray normalise(NDArray x) {
        return torch.call("normalise", x, leaf(architecture.norm())).get(0);
    }

    private LevelState state(ParameterSpec spec) {
        return state(spec.level());
    }

    private LevelState state(Level level) {
        return requireNonNull(levels.get(level), () -> "the network has no level " + level);
    }

    private NDArray leaf(ParameterSpec spec) {
        return state(spec).leaf(spec);
    }

    private static double number(NDArray scalar) {
        return numbers(scalar)[0];
    }

    private static double[] numbers(NDArray array) {
        if (array.getDataType() == ai.djl.ndarray.types.DataType.FLOAT64) {
            return array.toDoubleArray();
        }
        float[] values = array.toFloatArray();
        double[] result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }

    @Override
    public void close() {
        torch.close();
    }
}
