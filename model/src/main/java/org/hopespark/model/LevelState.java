package org.hopespark.model;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hopespark.conf.Level;
import org.hopespark.conf.WireFormat;

/**
 * What one level owns: its parameters as one flat vector, the gradient that accumulates over its window, and the state
 * of its optimizers.
 *
 * <p>Exchange, clipping, update and checkpoint see flat vectors only ({@link LevelLayout}); the network sees named
 * leaves that alias them.
 */
final class LevelState {
    private final Level level;
    private final LevelLayout layout;
    private final Map<String, NDArray> leaves = new HashMap<>();
    private final Map<String, NDArray> gradientViews = new HashMap<>();
    private final ShardSpec share;
    private final FlatTensor parameters;
    private final FlatTensor gradient;
    private final List<OptimizerState> optimizers;
    private final List<List<NDArray>> updatedGradients;
    private final FlatBuffer optimizerSteps;
    /** Of an approximate level: what the next window begins with (or, meanwhile, what travels), and its codes. */
    private final FlatBuffer carried;

    private final FlatBuffer codes;
    private final Drift drift;

    /**
     * The state of a level.
     *
     * @param layout where its parameters lie
     * @param optimizers those of the layout
     * @param share this worker's part of what the workers hold together
     */
    LevelState(
            Torch torch,
            ElementType type,
            Level level,
            LevelLayout layout,
            List<Optimizer> optimizers,
            ShardSpec share,
            long seed) {
        this.level = level;
        this.layout = layout;
        this.share = share;
        long elements = layout.elements();
        parameters = new FlatTensor(torch, type, elements);
        gradient = new FlatTensor(torch, type, elements);
        this.optimizers = optimizers.stream()
                .map(optimizer -> new OptimizerState(
                        torch, optimizer, layout, parameters, gradient, level.isOptimizedEveryStep()))
                .toList();
        updatedGradients = layout.buckets().stream()
                .map(bucket -> layout.updatedRanges(bucket).stream()
                        .map(range -> gradient.view(range.from(), range.to(), List.of(range.elements())))
                        .toList())
                .toList();
        optimizerSteps = FlatBuffer.allocate(ElementType.FLOAT64, 1);
        carried = FlatBuffer.allocate(type, level.isApproximate() ? elements : 0);
        codes = FlatBuffer.allocate(
                ElementType.INT8, isCompressed() ? level.wire().bytes(elements) : 0);
        for (ParameterSpec spec : layout.specs()) {
            Bucket.Range range = layout.range(spec);
            InitialValues.write(spec, seed, parameters.buffer().range(range.from(), range.to()));
        }
        drift = new Drift(parameters);
        parameters.push();
        for (ParameterSpec spec : layout.specs()) {
            NDArray leaf = Torch.leaf(view(parameters, spec));
            NDArray gradientView = view(gradient, spec);
            Torch.adoptGradient(leaf, gradientView);
            leaves.put(spec.name(), leaf);
            gradientViews.put(spec.name(), gradientView);
        }
    }

    Level level() {
        return level;
    }

    /** Where its parameters lie. */
    LevelLayout layout() {
        return layout;
    }

    /** How it is saved and loaded. */
    LevelSections sections() {
        return new LevelSections(this, share);
    }

    /** One worker on its own sends nothing. */
    private boolean isCompressed() {
        return level.wire() != WireFormat.FLOAT32 && share.ranks() > 1;
    }

    /** A bucket of the window's gradient as it is now, to be exchanged at the level's boundary. */
    BoundarySync.Part window(Bucket bucket, long step) {
        gradient.pull(bucket.from(), bucket.to());
        FlatBuffer values = gradient.buffer().range(bucket.from(), bucket.to());
        if (!isCompressed()) {
            return new BoundarySync.Part(step, level, values, bucket.slices());
        }
        QuantizedVector compressed = new QuantizedVector(
                level.wire(),
                values,
                carried.range(bucket.from(), bucket.to()),
                codes.range(level.wire().bytes(bucket.from()), level.wire().bytes(bucket.to())));
        return new BoundarySync.Part(step, level, values, bucket.slices(), Optional.of(compressed));
    }

    /** A bucket of the sum that a delayed level has set aside, to be exchanged while the next window is open. */
    BoundarySync.Part delayed(Bucket bucket, long step) {
        return new BoundarySync.Part(step, level, carried.range(bucket.from(), bucket.to()), bucket.slices());
    }

    /** A bucket of the parameters, to be published. */
    BoundarySync.Part published(Bucket bucket, long step) {
        return new BoundarySync.Part(
                step, level, parameters.buffer().range(bucket.from(), bucket.to()), bucket.slices());
    }

    /** The slices that this worker has updated are about to be published. */
    void pullUpdated() {
        for (Bucket bucket : layout.buckets()) {
            Bucket.Range updated = layout.updated(bucket);
            parameters.pull(updated.from(), updated.to());
        }
    }

    /** The gradient of a delayed level and what it has set aside change places. */
    void swapWindows() {
        gradient.pull();
        carried.swap(gradient.buffer());
        gradient.push();
    }

    /** The window of an approximate level restarts with what is carried over. */
    void beginWindow() {
        gradient.buffer().copy(carried);
        gradient.push();
        carried.clear();
    }

    /** The trainable view of a parameter. */
    NDArray leaf(ParameterSpec spec) {
        return requireNonNull(leaves.get(spec.name()));
    }

    /** Where the gradient of a parameter accumulates. */
    NDArray gradientView(ParameterSpec spec) {
        return requireNonNull(gradientViews.get(spec.name()));
    }

    /** Its optimizers and what they keep. */
    List<OptimizerState> optimizers() {
        return optimizers;
    }

    /** For each bucket what this worker updates of its gradient: one slice, each matrix, or nothing. */
    List<List<NDArray>> updatedGradients() {
        return updatedGradients;
    }

    FlatTensor parameters() {
        return parameters;
    }

    FlatTensor gradient() {
        return gradient;
    }

    /** Number of updates, of boundaries or of steps where each is optimized: one element, float64. */
    FlatBuffer optimizerSteps() {
        return optimizerSteps;
    }

    /** All vectors that checkpoints hold. */
    List<FlatTensor> vectors() {
        List<FlatTensor> vectors = new ArrayList<>(List.of(parameters, gradient));
        optimizers.forEach(each -> vectors.addAll(each.vectors()));
        return vectors;
    }

    /** Distance of the parameters from where they began. */
    Drift drift() {
        return drift;
    }

    private NDArray view(FlatTensor tensor, ParameterSpec spec) {
        Bucket.Range range = layout.range(spec);
        return tensor.view(range.from(), range.to(), spec.shape());
    }
}
