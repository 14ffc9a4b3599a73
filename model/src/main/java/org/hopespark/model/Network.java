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
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.hopespark.conf.Level;
import org.hopespark.conf.MixerConfig;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.Reduction;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.TrainingConfig;
import org.hopespark.conf.UserException;

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
    private final ShardSpec share;
    private final Map<Level, LevelState> levels = new LinkedHashMap<>();
    private final List<Block> blocks = new ArrayList<>();
    /** Empty in a network that tells the next token. */
    private final NDList decoder;

    /**
     * A network with initial values that follow from the configuration's seed.
     *
     * @param config architecture, levels and seed
     * @param type of parameters, gradients and computation
     * @param gpu number of the GPU, or -1 for the CPU
     * @param share this worker's part of what the workers hold together
     */
    public Network(RunConfig config, ElementType type, int gpu, ShardSpec share) {
        this(config, Architecture.of(config), type, gpu, share);
    }

    private Network(RunConfig config, Architecture architecture, ElementType type, int gpu, ShardSpec share) {
        this.share = share;
        this.architecture = architecture;
        this.type = type;
        this.recomputeEveryChunks = config.training().recomputeEveryChunks();
        torch = new Torch(gpu < 0 ? Device.cpu() : Device.gpu(gpu), TorchScriptArchive.write(config.model(), type));
        for (Level level : architecture.schedule().levels()) {
            List<List<ParameterSpec>> groups = architecture.backwardGroups().stream()
                    .map(group -> group.stream()
                            .filter(spec -> spec.level().equals(level))
                            .toList())
                    .toList();
            levels.put(
                    level,
                    new LevelState(
                            torch, type, level, groups, share, config.exchange().bucketKib() << 10, config.seed()));
        }
        List<Integer> kinds = Mixer.kindOfBlocks(config.model());
        for (int i = 0; i < kinds.size(); i++) {
            List<NDArray> leaves =
                    architecture.blocks().get(i).stream().map(this::leaf).toList();
            blocks.add(Block.of(kinds.get(i), Torch.named("p", leaves)));
        }
        decoder =
                Torch.named("p", architecture.decoder().stream().map(this::leaf).toList());
        architecture.schedule().levels().forEach(this::resetToInitial);
        inContext = new InContext(
                torch, config, architecture, blocks, leaf(architecture.norm()), leaf(architecture.embedding()));
    }

    /** A network that holds all of its state. */
    public Network(RunConfig config, ElementType type, int gpu) {
        this(config, type, gpu, ShardSpec.WHOLE);
    }

    /**
     * A network that tells each token of a sequence from the state of its last one, by a decoder of two layers that is
     * given the place: the auto-encoder of MAD (Poli et al. 2024). Its targets are the tokens themselves. It has no
     * inference states, and learns nothing in context.
     *
     * @param gpu number of the GPU, or -1 for the CPU
     * @throws UserException if the configuration has {@code model.in-context}
     */
    public static Network autoEncoder(RunConfig config, ElementType type, int gpu) {
        if (config.model().inContext().blocks() > 0) {
            throw new UserException("a network that tells a sequence from the state of its last token cannot learn"
                    + " in context: set model.in-context.blocks to 0");
        }
        return new Network(config, Architecture.autoEncoder(config), type, gpu, ShardSpec.WHOLE);
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
        return forwardBackward(batch, scale, group -> {}).loss();
    }

    /**
     * A batch's way forward and back.
     *
     * @param loss sum over the targets of the negative log-likelihood, in nats
     * @param forwardNanos up to the loss and its gradient
     * @param backwardNanos from there
     */
    record Pass(double loss, long forwardNanos, long backwardNanos) {}

    /**
     * The same.
     *
     * @param finished told of each group of {@link Architecture#backwardGroups} when this call adds nothing more to its
     *     gradients
     */
    Pass forwardBackward(TokenBatch batch, double scale, IntConsumer finished) {
        long begin = System.nanoTime();
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
                    last = inContext.read(batch, inputs, x, true).spans();
                }
                List<Span> spans = last.isEmpty() ? spans(i, anew) : last.get(i - inContext.firstBlock());
                BlockPass pass = new BlockPass(torch, blocks.get(i), inputs, x, spans);
                passes.add(pass);
                x = pass.output();
            }
            if (!decoder.isEmpty()) {
                BlockPass pass = new BlockPass(torch, Block.decoder(decoder), inputs, x, List.of());
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
            double loss = number(lossAndGradient.get(0));
            long turned = System.nanoTime();
            Torch.backward(normalised, lossAndGradient.get(1));
            int group = 0;
            finished.accept(group++);
            NDArray gradient = end.getGradient();
            for (int i = passes.size() - 1; i >= 0; i--) {
                gradient = passes.get(i).backward(gradient);
                finished.accept(group++);
            }
            torch.call(
                    "embed_backward",
                    inputs.ids(),
                    gradient,
                    state(architecture.embedding()).gradientView(architecture.embedding()));
            finished.accept(group);
            return new Pass(loss, turned - begin, System.nanoTime() - turned);
        }
    }

    /**
     * Log-probability of each target and whether it is the most likely id, in row-major [B,T], 0 where there is no
     * target; no gradient.
     */
    public Scores scores(TokenBatch batch) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            Inputs inputs = Inputs.of(manager, architecture.model(), batch);
            return score(hidden(batch, inputs), inputs.targets());
        }
    }

    /** How the memories of each block learn inside a batch; empty where there are none. */
    public List<InnerStatistics> innerStatistics(TokenBatch batch) {
        List<InnerStatistics> statistics = new ArrayList<>();
        ModelConfig model = architecture.model();
        if (!model.hasMemories()) {
            return statistics;
        }
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            Inputs inputs = Inputs.of(manager, model, batch);
            NDArray x = embed(inputs);
            for (int i = 0; i < blocks.size(); i++) {
                Block block = blocks.get(i);
                MixerConfig mixer = model.mixers().get(i);
                if (Mixer.of(model, mixer).hasMemories()) {
                    NDList result = block(block.watch(), x, inputs, block);
                    x = result.get(0);
                    statistics.add(InnerStatistics.of(
                            i, model.memory(), model.heads(mixer), model.mainChunkTokens(), numbers(result.get(1))));
                } else {
                    x = block(block.whole(), x, inputs, block).get(0);
                }
            }
        }
        return statistics;
    }

    /** What is computed anew at a time: all at once where a state would grow from span to span. */
    private List<Span> spans(int block, List<Span> spans) {
        ModelConfig model = architecture.model();
        boolean constant = Mixer.of(model, model.mixers().get(block)).hasConstantState();
        return constant || spans.isEmpty()
                ? spans
                : Span.every(
                        spans.get(spans.size() - 1).to(),
                        spans.get(spans.size() - 1).to());
    }

    /**
     * How far a level's parameters are from where they began, relative to their norm there; seen on a sample of them.
     */
    public double drift(Level level) {
        return state(level).drift();
    }

    /** Lets {@link #drift} count from the parameters as they are now, which were written from outside. */
    public void resetDrift() {
        levels.values().forEach(LevelState::resetDrift);
    }

    /** Logits of what follows each id of one document, in row-major [T,V]; no gradient. */
    public double[] logits(int... ids) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            Inputs inputs = Inputs.following(manager, architecture.model(), ids, 0);
            NDArray hidden =
                    inContext.isOn() ? normalise(advance(List.of(), 0, inputs, new ArrayList<>())) : hidden(inputs);
            return numbers(torch.call("head_logits", hidden, leaf(architecture.embedding()))
                    .get(0));
        }
    }

    /** The state of a sequence that has no tokens yet. */
    public InferenceState begin() {
        if (!decoder.isEmpty()) {
            throw new IllegalStateException("an auto-encoder reads whole sequences");
        }
        return new InferenceState(
                torch.manager().newSubManager(), blocks.size() + inContext.lists(), inContext.periods());
    }

    /** A state that {@link InferenceState#save} wrote. */
    public InferenceState resume(InputStream in) throws IOException {
        InferenceState state = begin();
        state.load(in);
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
            NDArray last = normalise(advance(state, inputs)).get(ids.length - 1 + ":" + ids.length);
            return numbers(torch.call("head_logits", last, leaf(architecture.embedding()))
                    .get(0));
        }
    }

    /**
     * Feeds a sequence its next tokens.
     *
     * @param state of the sequence, moved on
     * @param ids T of them, at least one
     * @param targets T ids that follow
     * @return scores [T] of the targets
     */
    public Scores advance(InferenceState state, int[] ids, int[] targets) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            Inputs inputs = Inputs.following(manager, architecture.model(), ids, state.tokens());
            NDArray expected =
                    manager.create(Arrays.stream(targets).asLongStream().toArray());
            return score(normalise(advance(state, inputs)), expected);
        }
    }

    /** What leaves the last block; the state has moved on. */
    private NDArray advance(InferenceState state, Inputs inputs) {
        List<NDList> next = new ArrayList<>();
        NDArray x = advance(state.lists(), state.tokens(), inputs, next);
        next.forEach(list -> list.forEach(NDScope::unregister));
        state.advance(next, inputs.tokens());
        return x;
    }

    /**
     * What leaves the last block.
     *
     * @param before state of each block, then {@link InContextState}; nothing before the first token
     * @param seen tokens before
     * @param next receives the state after
     */
    private NDArray advance(List<NDList> before, long seen, Inputs inputs, List<NDList> next) {
        NDArray x = embed(inputs);
        int first = inContext.firstBlock();
        for (int i = 0; i < first; i++) {
            NDList arguments = new NDList(x);
            arguments.addAll(inputs.span(0, inputs.tokens()));
            if (!before.isEmpty()) {
                arguments.addAll(Torch.named("state", before.get(i)));
            }
            arguments.addAll(blocks.get(i).parameters());
            NDList result = torch.call(blocks.get(i).method(before.isEmpty()), arguments);
            x = result.remove(0);
            next.add(result);
        }
        return inContext.isOn()
                ? inContext.advance(
                        before.subList(Math.min(first, before.size()), before.size()), seen, inputs, x, next)
                : x;
    }

    /**
     * Scores what may follow contexts. Each context is read once, however many continuations it has; what it has taught
     * the network in context is each continuation's to go on from.
     *
     * @param contexts of one length, at least one id each
     * @param continuations of each context, at least one id each
     * @return scores of the ids of each continuation, context by context
     */
    public List<Scores> continuations(List<int[]> contexts, List<List<int[]>> continuations) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            List<NDList> states = new ArrayList<>();
            int seen = contexts.get(0).length;
            Inputs inputs = Inputs.following(manager, architecture.model(), contexts, 0);
            NDArray last = advance(List.of(), 0, inputs, states).get(":, " + (seen - 1) + ":" + seen);

            List<int[]> all = continuations.stream().flatMap(List::stream).toList();
            NDArray owner = manager.create(IntStream.range(0, contexts.size())
                    .flatMap(
                            i -> IntStream.range(0, continuations.get(i).size()).map(k -> i))
                    .asLongStream()
                    .toArray());
            NDArray begun =
                    branch(List.of(new NDList(last)), owner, inputs).get(0).get(0);
            NDArray firstIds =
                    manager.create(all.stream().mapToLong(ids -> ids[0]).toArray());
            Scores first = score(normalise(begun), firstIds);

            int tokens = all.stream().mapToInt(ids -> ids.length - 1).max().orElse(0);
            Scores rest = new Scores(new double[0], new double[0]);
            if (tokens > 0) {
                // what is filled up comes after all that is scored
                List<int[]> rows =
                        all.stream().map(ids -> Arrays.copyOf(ids, tokens)).toList();
                long[] targets = new long[all.size() * tokens];
                Arrays.fill(targets, TokenBatch.NO_TARGET);
                for (int i = 0; i < all.size(); i++) {
                    for (int t = 1; t < all.get(i).length; t++) {
                        targets[i * tokens + t - 1] = all.get(i)[t];
                    }
                }
                List<NDList> branched = branch(states, owner, inputs);
                states.forEach(NDList::close);
                NDArray x = advance(
                        branched, seen, Inputs.following(manager, architecture.model(), rows, seen), new ArrayList<>());
                rest = score(normalise(x), manager.create(targets));
            }
            List<Scores> result = new ArrayList<>();
            for (int i = 0; i < all.size(); i++) {
                int count = all.get(i).length;
                double[] logProbabilities = new double[count];
                double[] greedy = new double[count];
                logProbabilities[0] = first.logProbabilities()[i];
                greedy[0] = first.greedy()[i];
                System.arraycopy(rest.logProbabilities(), i * tokens, logProbabilities, 1, count - 1);
                System.arraycopy(rest.greedy(), i * tokens, greedy, 1, count - 1);
                result.add(new Scores(logProbabilities, greedy));
            }
            return result;
        }
    }

    /** States of sequences that go on from {@code sequences} of those that were read. */
    private List<NDList> branch(List<NDList> states, NDArray sequences, Inputs read) {
        NDList flat = new NDList();
        states.forEach(flat::addAll);
        NDList branched = torch.call("branch", Torch.named("s", flat, sequences, read.ids()));
        List<NDList> result = new ArrayList<>();
        int from = 0;
        for (NDList state : states) {
            result.add(new NDList(branched.subList(from, from + state.size())));
            from += state.size();
        }
        return result;
    }

    private Scores score(NDArray normalised, NDArray targets) {
        NDList result = torch.call("head_scores", normalised, leaf(architecture.embedding()), targets);
        return new Scores(numbers(result.get(0)), numbers(result.get(1)));
    }

    /** Scores in row-major [B,T]. */
    @SuppressWarnings("ArrayRecordComponent") // a plain pair of columns
    public record Scores(double[] logProbabilities, double[] greedy) {}

    /**
     * A level's parameters as one vector, laid out as its {@link #gradient}: a view that is refreshed by each call, not
     * to be written.
     */
    public FlatBuffer values(Level level) {
        FlatTensor parameters = state(level).parameters();
        parameters.pull();
        return parameters.buffer();
    }

    /** The gradient that a level has accumulated since its last boundary. */
    public LevelGradient gradient(Level level) {
        return new LevelGradient(state(level));
    }

    /**
     * To be called at a level's boundary before its gradient is exchanged: where a slower level learns the initial
     * state of this one's parameters (Nested Learning, Eq. 72), the window counts for that, too. To first order the
     * gradient of an initial state is the sum of the gradients along the way that starts there.
     */
    public void addInitialStateGradient(Level level) {
        List<NDArray> windows = new ArrayList<>();
        List<NDArray> sums = new ArrayList<>();
        architecture.initialStates().forEach((state, initial) -> {
            if (state.level().equals(level)) {
                windows.add(state(state).gradientView(state));
                sums.add(state(initial).gradientView(initial));
            }
        });
        callOnPairs("add", sums, windows);
    }

    /**
     * Forgets a window that closes before warm-up has ended. What a slower level learns of initial states keeps it: its
     * own window may be a later one. Of a level that is optimized at every step the updates are forgotten, not the
     * moments, which warm-up is for.
     */
    public void dropWindow(Level level) {
        LevelState state = state(level);
        if (level.isOptimizedEveryStep()) {
            torch.call("zero", state.updates().tensor()).close();
        } else {
            addInitialStateGradient(level);
            torch.call("zero", state.gradient().tensor()).close();
        }
    }

    /** Parameters whose initial state a level owns start anew from it. */
    void resetToInitial(Level level) {
        List<NDArray> states = new ArrayList<>();
        List<NDArray> values = new ArrayList<>();
        architecture.initialStates().forEach((state, initial) -> {
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
     * Updates a level at its boundary from the sum of its window's gradients, and clears that sum; parameters whose
     * initial state the level owns start anew. Levels that are due at one step are updated fastest first. A level that
     * is optimized at every step is to be updated at every step, and moves at its boundaries.
     *
     * @param step the boundary, where the learning rate is read
     * @return norm of the window's gradient as the level reduces it, before clipping
     * @throws DivergedException if that is not finite; parameters and moments are then as they were
     */
    public double update(Level level, long step, TrainingConfig training) {
        double norm = norm(level, step, squares(level));
        update(level, step, training, norm);
        resetToInitial(level);
        return norm;
    }

    /**
     * Updates a level from the gradient of a single step, as if C^(l) were 1.
     *
     * @throws DivergedException if the gradient is not finite; parameters and moments are then as they were
     */
    public void updateFromOneStep(Level level, long step, TrainingConfig training) {
        optimize(level, training.learningRateAt(step), training, norm(level, step, squares(level), 1), 1);
        if (level.isOptimizedEveryStep()) {
            applyUpdates(level);
        }
        resetToInitial(level);
    }

    /** This worker's part of the state. */
    ShardSpec share() {
        return share;
    }

    /** A level's vector in the parts that are exchanged at once. */
    List<Bucket> buckets(Level level) {
        return state(level).buckets();
    }

    /**
     * Sums of squares of a level's gradient, one a unit of each bucket's {@link Slices}; zero for units that this
     * worker does not update.
     */
    double[] squares(Level level) {
        LevelState state = state(level);
        double[] squares = new double[(int) state.units()];
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            int offset = 0;
            for (int i = 0; i < state.buckets().size(); i++) {
                Slices slices = state.slices(state.buckets().get(i));
                if (state.updatedGradients().get(i).isPresent()) {
                    NDArray gradient = state.updatedGradients().get(i).get();
                    NDArray unit = manager.create(new double[] {slices.unit()});
                    double[] own = torch.call("squares", gradient, unit).get(0).toDoubleArray();
                    int first = (int) (share.isSharded() ? slices.firstUnit(share.rank()) : 0);
                    System.arraycopy(own, 0, squares, offset + first, own.length);
                }
                offset += (int) slices.units();
            }
        }
        return squares;
    }

    /** The part of all levels' {@link #squares} that this worker owns, in as many numbers on every worker. */
    double[] ownSquares(List<Level> due, List<double[]> squares) {
        double[] own = new double
                [due.stream().mapToInt(level -> state(level).mostUnits()).sum()];
        int at = 0;
        for (int i = 0; i < due.size(); i++) {
            LevelState state = state(due.get(i));
            int end = at + state.mostUnits();
            int offset = 0;
            for (Bucket bucket : state.buckets()) {
                Slices slices = state.slices(bucket);
                for (long u = slices.firstUnit(share.rank()); u < slices.firstUnit(share.rank() + 1); u++) {
                    own[at++] = squares.get(i)[offset + (int) u];
                }
                offset += (int) slices.units();
            }
            at = end;
        }
        return own;
    }

    /** Puts together what {@link #ownSquares} gave on every worker. */
    void takeSquares(List<Level> due, List<double[]> squares, List<double[]> all) {
        for (int rank = 0; rank < all.size(); rank++) {
            int at = 0;
            for (int i = 0; i < due.size(); i++) {
                LevelState state = state(due.get(i));
                int end = at + state.mostUnits();
                int offset = 0;
                for (Bucket bucket : state.buckets()) {
                    Slices slices = state.slices(bucket);
                    for (long u = slices.firstUnit(rank); u < slices.firstUnit(rank + 1); u++) {
                        squares.get(i)[offset + (int) u] = all.get(rank)[at++];
                    }
                    offset += (int) slices.units();
                }
                at = end;
            }
        }
    }

    /**
     * Norm of the window's gradient as the level reduces it.
     *
     * @param squares of all units
     * @throws DivergedException if it is not finite
     */
    double norm(Level level, long step, double[] squares) {
        return norm(level, step, squares, reduction(level, step));
    }

    /** What a level multiplies the sum of its window's gradients with. */
    private static double reduction(Level level, long step) {
        return level.reduction() == Reduction.MEAN ? 1.0 / level.windowSteps(step) : 1;
    }

    private double norm(Level level, long step, double[] squares, double reduction) {
        double norm = Math.sqrt(Arrays.stream(squares).reduce(0, Double::sum)) * reduction;
        if (!Double.isFinite(norm)) {
            throw new DivergedException("the gradient of level " + level + " is not finite at step " + step + ": "
                    + state(level).notFinite(squares) + "; training has diverged: go on from the last checkpoint with a"
                    + " lower training.learning-rate or training.clip-norm");
        }
        return norm;
    }

    /**
     * Updates what this worker updates of a level, and clears the whole gradient. Everything that is not linear (clip,
     * moments, decay) happens here, after the exchange.
     */
    void update(Level level, long step, TrainingConfig training, double norm) {
        optimize(level, training.learningRateAt(step), training, norm, reduction(level, step));
        if (level.isOptimizedEveryStep() && level.isDueAt(step, training.warmupSteps())) {
            applyUpdates(level);
        }
    }

    private void optimize(Level level, double learningRate, TrainingConfig training, double norm, double reduction) {
        LevelState state = state(level);
        double factor =
                training.clipNorm() > 0 ? reduction * Math.min(1, training.clipNorm() / (norm + 1e-12)) : reduction;
        double rate = learningRate * level.learningRateFactor();
        state.countOptimizerStep();
        for (boolean decays : new boolean[] {true, false}) {
            List<LevelState.Piece> pieces = state.pieces().stream()
                    .filter(piece -> piece.decays() == decays)
                    .toList();
            if (!pieces.isEmpty()) {
                double decay = decays ? training.weightDecay() : 0;
                // a sum of updates has no weight that decays: the parameters have
                double ofTarget = level.isOptimizedEveryStep() ? 0 : decay;
                adamw(pieces, factor, state.optimizerSteps(), new double[] {
                    rate, ofTarget, training.beta1(), training.beta2(), training.epsilon()
                });
                if (decay > ofTarget) {
                    addDecay(pieces, -rate * decay);
                }
            }
        }
        if (level.isApproximate()) {
            state.beginWindow();
        } else {
            torch.call("zero", state.gradient().tensor()).close();
        }
    }

    private void addDecay(List<LevelState.Piece> pieces, double factor) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            NDList arguments = onPieces("u", pieces, LevelState.Piece::target);
            arguments.addAll(onPieces("p", pieces, LevelState.Piece::parameters));
            arguments.add(manager.create(new double[] {factor}));
            torch.call("add_decay", arguments);
        }
    }

    /** What the updates of a window add up to moves the parameters. */
    private void applyUpdates(Level level) {
        LevelState state = state(level);
        if (!state.pieces().isEmpty()) {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                NDList arguments = onPieces("to", state.pieces(), LevelState.Piece::parameters);
                arguments.addAll(onPieces("a", state.pieces(), LevelState.Piece::target));
                torch.call("add", arguments);
            }
        }
        torch.call("zero", state.updates().tensor()).close();
    }

    private static NDList onPieces(
            String name, List<LevelState.Piece> pieces, Function<LevelState.Piece, NDArray> vector) {
        return Torch.named(name, pieces.stream().map(vector).toList());
    }

    private void adamw(List<LevelState.Piece> pieces, double factor, double count, double[] settings) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            List<NDArray> gradients =
                    pieces.stream().map(LevelState.Piece::gradient).toList();
            torch.call("scale", Torch.named("g", gradients, manager.create(new double[] {factor})));
            NDList arguments = new NDList();
            arguments.addAll(onPieces("p", pieces, LevelState.Piece::target));
            arguments.addAll(Torch.named("g", gradients));
            arguments.addAll(onPieces("m", pieces, LevelState.Piece::firstMoment));
            arguments.addAll(onPieces("v", pieces, LevelState.Piece::secondMoment));
            // the kernel reads a count that was already advanced
            arguments.addAll(Torch.named(
                    "count",
                    pieces.stream()
                            .map(piece -> manager.create(new float[] {(float) count}, new Shape()))
                            .toList()));
            arguments.add(manager.create(settings));
            torch.call("adamw", arguments);
        }
    }

    /**
     * Sets a delayed level's sum aside, and begins to exchange it while the next window goes on.
     *
     * @return its buckets under way
     */
    List<BoundarySync.Pending> setAside(
            Level level, long step, Function<BoundarySync.Part, BoundarySync.Pending> exchange) {
        LevelState state = state(level);
        state.swapWindows();
        return state.buckets().stream()
                .map(bucket -> exchange.apply(state.setAside(bucket, step)))
                .toList();
    }

    /** A delayed level's sum has been exchanged: it is the level's gradient until {@link #update}. */
    void takeBack(Level level) {
        state(level).swapWindows();
    }

    /** A bucket of a level's parameters, to be published. */
    BoundarySync.Part parameters(Level level, Bucket bucket, long step) {
        LevelState state = state(level);
        return new BoundarySync.Part(
                step, level, state.parameters().buffer().range(bucket.from(), bucket.to()), state.slices(bucket));
    }

    /** The slices that this worker updates are about to be published. */
    void updated(Level level) {
        state(level)
                .pieces()
                .forEach(piece -> state(level)
                        .parameters()
                        .pull(piece.range().from(), piece.range().to()));
    }

    /** The slices that others update have arrived. */
    void published(Level level) {
        state(level).parameters().push();
    }

    /** Fingerprint of each level's parameters, fastest level first. */
    public long[] digests() {
        return levels.keySet().stream().mapToLong(this::digest).toArray();
    }

    /** Fingerprint of a level's parameters. */
    public long digest(Level level) {
        return AtRest.fingerprint(parameterTensors(level));
    }

    /** Live views of a level's parameters. */
    List<NamedTensor> parameterTensors(Level level) {
        return state(level).parameterTensors();
    }

    /** Live views of what this worker holds of a level's optimizer. */
    List<NamedTensor> optimizerTensors(Level level) {
        return state(level).optimizerTensors();
    }

    /** Live views of the gradient that this worker has summed since a level's last boundary. */
    List<NamedTensor> windowTensors(Level level) {
        return state(level).windowTensors();
    }

    /** The levels whose parameters change when some are updated: those, and those that start anew from them. */
    Set<Level> touchedBy(Collection<Level> updated) {
        Set<Level> touched = new LinkedHashSet<>(updated);
        architecture.initialStates().forEach((state, initial) -> {
            if (updated.contains(initial.level())) {
                touched.add(state.level());
            }
        });
        return touched;
    }

    /** Live views of what this worker writes of a checkpoint: its slices of everything. */
    public List<StateSection> sectionsToSave(Accumulators windows) {
        return sections(state -> state.sectionsToSave(windows));
    }

    /** Live views of what this worker reads of a checkpoint; of {@link #openWindows} apart. */
    public List<StateSection> sectionsToLoad(Accumulators windows) {
        return sections(state -> state.sectionsToLoad(windows));
    }

    /** Live views of this worker's own gradients since the last boundaries. */
    public List<StateSection> openWindows() {
        return sections(state -> List.of(state.openWindow()));
    }

    private List<StateSection> sections(Function<LevelState, List<StateSection>> of) {
        return levels.values().stream()
                .flatMap(state -> of.apply(state).stream())
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

    /** To be called after {@link #sectionsToLoad} were written from outside. */
    public void sectionsLoaded() {
        levels.values().forEach(LevelState::sectionsLoaded);
    }

    /** Arrays that the engine holds for this network; the same number between any two calls. */
    public int liveArrays() {
        return torch.manager().getManagedArrays().size();
    }

    private NDArray hidden(Inputs inputs) {
        NDArray x = throughBlocks(inputs, blocks.size());
        return normalise(
                decoder.isEmpty()
                        ? x
                        : block("decode", x, inputs, Block.decoder(decoder)).get(0));
    }

    /** The same, with what the sequences learn in context. */
    private NDArray hidden(TokenBatch batch, Inputs inputs) {
        if (!inContext.isOn()) {
            return hidden(inputs);
        }
        NDArray x = throughBlocks(inputs, inContext.firstBlock());
        return normalise(inContext.read(batch, inputs, x, false).output());
    }

    private NDArray throughBlocks(Inputs inputs, int count) {
        NDArray x = embed(inputs);
        for (Block block : blocks.subList(0, count)) {
            x = block(block.whole(), x, inputs, block).get(0);
        }
        return x;
    }

    private NDArray embed(Inputs inputs) {
        return torch.call("embed", inputs.ids(), leaf(architecture.embedding())).get(0);
    }

    private NDList block(String method, NDArray x, Inputs inputs, Block block) {
        NDList arguments = new NDList(x);
        arguments.addAll(inputs.span(0, inputs.tokens()));
        arguments.addAll(block.parameters());
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
