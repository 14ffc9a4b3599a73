package org.hopespark.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;

/**
 * The network: embedding, blocks of a sequence mixer and a continuum memory, head. It adds to the gradients of its
 * {@link #levels} and scores whole sequences; its {@link #inference} reads them piece by piece.
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
    private final Levels levels;
    private final List<Block> blocks = new ArrayList<>();
    /** Of each block. */
    private final List<Mixer> mixers;
    /** Empty in a network that predicts the next token. */
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
        this.architecture = architecture;
        this.type = type;
        this.recomputeEveryChunks = config.training().recomputeEveryChunks();
        torch = new Torch(gpu < 0 ? Device.cpu() : Device.gpu(gpu), TorchScriptArchive.write(config.model(), type));
        levels = new Levels(config, architecture, torch, type, share);
        ModelConfig model = config.model();
        mixers = model.mixers().stream().map(each -> Mixer.of(model, each)).toList();
        List<Integer> kinds = Mixer.kindOfBlocks(model);
        for (int i = 0; i < kinds.size(); i++) {
            List<NDArray> leaves =
                    architecture.blocks().get(i).stream().map(this::leaf).toList();
            blocks.add(Block.of(kinds.get(i), Torch.named("p", leaves)));
        }
        decoder =
                Torch.named("p", architecture.decoder().stream().map(this::leaf).toList());
        inContext = new InContext(
                torch, config, architecture, blocks, leaf(architecture.norm()), leaf(architecture.head()));
    }

    /** A network that holds all of its state. */
    public Network(RunConfig config, ElementType type, int gpu) {
        this(config, type, gpu, ShardSpec.WHOLE);
    }

    /**
     * A network that predicts each token of a sequence from the state of its last one, by a decoder of two layers that
     * is given the place: the auto-encoder of MAD (Poli et al. 2024). Its targets are the tokens themselves. It has no
     * inference states, and learns nothing in context.
     *
     * @param gpu number of the GPU, or -1 for the CPU
     * @throws UserException if the configuration has {@code model.in-context}
     */
    public static Network autoEncoder(RunConfig config, ElementType type, int gpu) {
        if (config.model().inContext().blocks() > 0) {
            throw new UserException("a network that predicts a sequence from the state of its last token cannot learn"
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

    /** The parameters by level, with their gradients and their optimizer. */
    public Levels levels() {
        return levels;
    }

    /** Sequences that are read piece by piece. */
    public Inference inference() {
        return new Inference(this);
    }

    Torch torch() {
        return torch;
    }

    InContext inContext() {
        return inContext;
    }

    List<Block> blocks() {
        return blocks;
    }

    /** Whether it predicts a sequence from the state of its last token. */
    boolean isAutoEncoder() {
        return !decoder.isEmpty();
    }

    /**
     * Adds the gradient of {@code scale} times the summed loss to the gradient of every level.
     *
     * @param scale usually 1 / target tokens of the global batch
     * @return sum over the targets of the negative log-likelihood, in nats
     */
    public double forwardBackward(TokenBatch batch, double scale) {
        return forwardBackward(batch, scale, group -> {}).sum();
    }

    /**
     * The loss of a batch, and how long it took.
     *
     * @param sum over the targets of the negative log-likelihood, in nats
     * @param forwardNanos up to the loss and its gradient
     * @param backwardNanos from there
     */
    record Loss(double sum, long forwardNanos, long backwardNanos) {}

    /**
     * The same.
     *
     * @param gradientReady receives the number of each group of {@link Architecture#backwardGroups} when this call adds
     *     nothing more to its gradients
     */
    Loss forwardBackward(TokenBatch batch, double scale, IntConsumer gradientReady) {
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
                    leaf(architecture.head()).stopGradient(),
                    inputs.targets(),
                    levels.gradientView(architecture.head()),
                    Torch.create(manager, Torch.dataType(type), new double[] {scale}, new Shape()));
            double loss = number(lossAndGradient.get(0));
            long turned = System.nanoTime();
            Torch.backward(normalised, lossAndGradient.get(1));
            int group = 0;
            gradientReady.accept(group++);
            NDArray gradient = end.getGradient();
            for (int i = passes.size() - 1; i >= 0; i--) {
                gradient = passes.get(i).backward(gradient);
                gradientReady.accept(group++);
            }
            torch.call("embed_backward", inputs.ids(), gradient, levels.gradientView(architecture.embedding()));
            gradientReady.accept(group);
            return new Loss(loss, turned - begin, System.nanoTime() - turned);
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
                if (mixers.get(i).hasMemories()) {
                    NDList result = block(block.watch(), x, inputs, block);
                    x = result.get(0);
                    statistics.add(InnerStatistics.of(
                            i,
                            model.memory(),
                            model.heads(model.mixers().get(i)),
                            model.mainChunkTokens(),
                            numbers(result.get(1))));
                } else {
                    x = block(block.whole(), x, inputs, block).get(0);
                }
            }
        }
        return statistics;
    }

    /** What is recomputed at a time: all at once where a state would grow from span to span. */
    private List<Span> spans(int block, List<Span> spans) {
        return spans.isEmpty() || mixers.get(block).hasConstantState()
                ? spans
                : Span.every(
                        spans.get(spans.size() - 1).to(),
                        spans.get(spans.size() - 1).to());
    }

    Scores score(NDArray normalised, NDArray targets) {
        NDList result = torch.call("head_scores", normalised, leaf(architecture.head()), targets);
        return new Scores(numbers(result.get(0)), numbers(result.get(1)));
    }

    /** Scores in row-major [B,T]. */
    @SuppressWarnings("ArrayRecordComponent") // a plain pair of columns
    public record Scores(double[] logProbabilities, double[] greedy) {}

    /** Arrays that the engine holds for this network; the same number between any two calls. */
    public int liveArrays() {
        return torch.manager().getManagedArrays().size();
    }

    NDArray hidden(Inputs inputs) {
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

    NDArray embed(Inputs inputs) {
        return torch.call("embed", inputs.ids(), leaf(architecture.embedding())).get(0);
    }

    private NDList block(String method, NDArray x, Inputs inputs, Block block) {
        NDList arguments = new NDList(x);
        arguments.addAll(inputs.span(0, inputs.tokens()));
        arguments.addAll(block.parameters());
        return torch.call(method, arguments);
    }

    NDArray normalise(NDArray x) {
        return torch.call("normalise", x, leaf(architecture.norm())).get(0);
    }

    private NDArray leaf(ParameterSpec spec) {
        return levels.leaf(spec);
    }

    private static double number(NDArray scalar) {
        return numbers(scalar)[0];
    }

    static double[] numbers(NDArray array) {
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
