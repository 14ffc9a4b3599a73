package org.hopespark.model;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.hopespark.conf.Level;
import org.hopespark.conf.WireFormat;

/**
 * What one level owns: its parameters as one flat vector, the gradient that accumulates over its window, AdamW's
 * moments, and the updates that wait for the boundary where they are summed.
 *
 * <p>The vector is a row of {@link Bucket}s in the order in which backward finishes their gradients, so that a bucket
 * can be exchanged while backward goes on. Exchange, clipping, update and checkpoint see flat vectors only; the network
 * sees named leaves that alias them.
 */
final class LevelState {
    /**
     * Tensors start at multiples of 64 bytes (16 floats), as the engine's own do: kernels give the same bits wherever a
     * tensor lies.
     */
    private static final long ALIGNMENT = Slices.ALIGNMENT;

    /** Tensors that a message names. */
    private static final int NAMED = 3;

    /** Values by which the drift of a level is judged, at most. */
    private static final int SAMPLE = 1 << 16;

    private final Level level;
    private final List<ParameterSpec> specs = new ArrayList<>();
    private final Map<String, Long> offsets = new HashMap<>();
    private final Map<String, NDArray> leaves = new HashMap<>();
    private final Map<String, NDArray> gradientViews = new HashMap<>();
    private final List<Bucket> buckets = new ArrayList<>();
    private final ShardSpec share;
    private final FlatTensor parameters;
    private final FlatTensor gradient;
    private final FlatTensor firstMoment;
    private final FlatTensor secondMoment;
    /** Empty where an update is applied at once. */
    private final FlatTensor updates;

    private final FlatBuffer optimizerSteps;
    /** Of an approximate level: what the next window begins with (or, meanwhile, what travels), and its codes. */
    private final FlatBuffer carried;

    private final FlatBuffer codes;
    private double[] start;
    private final List<Piece> pieces = new ArrayList<>();
    private final List<Optional<NDArray>> gradients = new ArrayList<>();

    /**
     * A range that this worker updates, and its views.
     *
     * @param first place in the vectors of moments, which hold no more than what is updated
     * @param target what AdamW moves: the parameters, or the sum of their updates
     */
    record Piece(
            Bucket.Range range,
            long first,
            boolean decays,
            NDArray parameters,
            NDArray target,
            NDArray gradient,
            NDArray firstMoment,
            NDArray secondMoment) {}

    /**
     * The state of a level.
     *
     * @param groups the level's parameters in the order in which backward finishes their gradients
     * @param share this worker's part of what the workers hold together
     * @param bucketBytes least size of what is exchanged at once, but for the last
     */
    LevelState(
            Torch torch,
            ElementType type,
            Level level,
            List<List<ParameterSpec>> groups,
            ShardSpec share,
            long bucketBytes,
            long seed) {
        this.level = level;
        this.share = share;
        long elements = place(groups, Math.max(1, bucketBytes / type.bytes()));
        long updated = buckets.stream().mapToLong(b -> updates(b).elements()).sum();
        parameters = new FlatTensor(torch, type, elements);
        gradient = new FlatTensor(torch, type, elements);
        // the engine has no empty views
        firstMoment = new FlatTensor(torch, type, Math.max(ALIGNMENT, updated));
        secondMoment = new FlatTensor(torch, type, Math.max(ALIGNMENT, updated));
        updates = new FlatTensor(torch, type, level.isOptimizedEveryStep() ? Math.max(ALIGNMENT, updated) : 0);
        optimizerSteps = FlatBuffer.allocate(ElementType.FLOAT64, 1);
        carried = FlatBuffer.allocate(type, level.isApproximate() ? elements : 0);
        codes = FlatBuffer.allocate(
                ElementType.INT8, isCompressed() ? level.wire().bytes(elements) : 0);
        cutPieces();
        specs.forEach(spec -> initialise(spec, seed));
        start = sample();
        parameters.push();
        for (ParameterSpec spec : specs) {
            NDArray leaf = Torch.leaf(view(parameters, spec));
            NDArray gradientView = view(gradient, spec);
            Torch.adoptGradient(leaf, gradientView);
            leaves.put(spec.name(), leaf);
            gradientViews.put(spec.name(), gradientView);
        }
    }

    private void cutPieces() {
        long first = 0;
        for (Bucket bucket : buckets) {
            Bucket.Range range = updates(bucket);
            gradients.add(range.elements() == 0 ? Optional.empty() : Optional.of(view(gradient, range)));
            for (Bucket.Range part : List.of(range.and(bucket.decaying()), range.and(bucket.notDecaying()))) {
                if (part.elements() > 0) {
                    Bucket.Range moments = new Bucket.Range(first, first + part.elements());
                    NDArray own = view(parameters, part);
                    pieces.add(new Piece(
                            part,
                            first,
                            part.from() < bucket.split(),
                            own,
                            level.isOptimizedEveryStep() ? view(updates, moments) : own,
                            view(gradient, part),
                            view(firstMoment, moments),
                            view(secondMoment, moments)));
                    first = moments.to();
                }
            }
        }
    }

    private static NDArray view(FlatTensor tensor, Bucket.Range range) {
        return tensor.view(range.from(), range.to(), List.of(range.elements()));
    }

    /** Lays the parameters out, bucket by bucket; returns the length of the vector. */
    private long place(List<List<ParameterSpec>> groups, long bucketElements) {
        List<ParameterSpec> pending = new ArrayList<>();
        long end = 0;
        for (int group = 0; group < groups.size(); group++) {
            pending.addAll(groups.get(group));
            long size = pending.stream().mapToLong(ParameterSpec::elements).sum();
            if (size >= bucketElements || (size > 0 && group == groups.size() - 1)) {
                long split = place(pending, spec -> spec.decays(), end);
                long to = place(pending, spec -> !spec.decays(), split);
                buckets.add(new Bucket(end, split, to, group));
                pending.clear();
                end = to;
            }
        }
        return end;
    }

    private long place(List<ParameterSpec> owned, Predicate<ParameterSpec> chosen, long from) {
        long end = from;
        for (ParameterSpec spec : owned) {
            if (chosen.test(spec)) {
                specs.add(spec);
                offsets.put(spec.name(), end);
                end = aligned(end + spec.elements());
            }
        }
        return end;
    }

    /** What this worker updates of a bucket. */
    private Bucket.Range updates(Bucket bucket) {
        return share.isSharded() ? bucket.owned(share) : bucket.whole();
    }

    Level level() {
        return level;
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
            return new BoundarySync.Part(step, level, values, slices(bucket));
        }
        QuantizedVector compressed = new QuantizedVector(
                level.wire(),
                values,
                carried.range(bucket.from(), bucket.to()),
                codes.range(level.wire().bytes(bucket.from()), level.wire().bytes(bucket.to())));
        return new BoundarySync.Part(step, level, values, slices(bucket), Optional.of(compressed));
    }

    /** A bucket of the sum that a delayed level has set aside, to be exchanged while the next window goes on. */
    BoundarySync.Part setAside(Bucket bucket, long step) {
        return new BoundarySync.Part(step, level, carried.range(bucket.from(), bucket.to()), slices(bucket));
    }

    /** The gradient of a delayed level and what it has set aside change places. */
    void swapWindows() {
        gradient.pull();
        carried.swap(gradient.buffer());
        gradient.push();
    }

    /** The window of an approximate level begins anew, with what is carried over. */
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

    List<Bucket> buckets() {
        return buckets;
    }

    /** Who owns which part of a bucket. */
    Slices slices(Bucket bucket) {
        return bucket.slices(share.ranks());
    }

    /** What this worker owns of a bucket. */
    Bucket.Range owned(Bucket bucket) {
        return bucket.owned(share);
    }

    /** Units of all buckets. */
    long units() {
        return buckets.stream().mapToLong(bucket -> slices(bucket).units()).sum();
    }

    /** The most units that a rank can own. */
    int mostUnits() {
        long most = 0;
        for (Bucket bucket : buckets) {
            most += (slices(bucket).units() + share.ranks() - 1) / share.ranks();
        }
        return Math.toIntExact(most);
    }

    /** What this worker updates. */
    List<Piece> pieces() {
        return pieces;
    }

    /** For each bucket the gradient of what this worker updates of it; none where that is nothing. */
    List<Optional<NDArray>> updatedGradients() {
        return gradients;
    }

    FlatTensor parameters() {
        return parameters;
    }

    FlatTensor gradient() {
        return gradient;
    }

    FlatTensor firstMoment() {
        return firstMoment;
    }

    FlatTensor secondMoment() {
        return secondMoment;
    }

    /** Sum of the updates since the last boundary. */
    FlatTensor updates() {
        return updates;
    }

    /** Number of AdamW's steps: of boundaries, or of steps where each is optimized. */
    double optimizerSteps() {
        return optimizerSteps.slices().get(0).getDouble(0);
    }

    void countOptimizerStep() {
        optimizerSteps.slices().get(0).putDouble(0, optimizerSteps() + 1);
    }

    /** Drift counts from the parameters as they are now. */
    void resetDrift() {
        parameters.pull();
        start = sample();
    }

    /** Distance of the parameters from where they began, relative to their norm there. */
    double drift() {
        parameters.pull();
        double[] now = sample();
        double moved = 0;
        double size = 0;
        for (int i = 0; i < now.length; i++) {
            moved += (now[i] - start[i]) * (now[i] - start[i]);
            size += start[i] * start[i];
        }
        return Math.sqrt(moved / size);
    }

    /** Every n-th value, padding included. */
    private double[] sample() {
        FlatBuffer values = parameters.buffer();
        long stride = (values.elements() + SAMPLE - 1) / SAMPLE;
        double[] sample = new double[(int) ((values.elements() + stride - 1) / stride)];
        for (int i = 0; i < sample.length; i++) {
            sample[i] = values.get(i * stride);
        }
        return sample;
    }

    /**
     * Which tensors have a gradient with values that are not finite, and how many.
     *
     * @param squares of all units, those of other workers included
     */
    String notFinite(double[] squares) {
        gradient.pull();
        List<String> found = new ArrayList<>();
        for (ParameterSpec spec : specs) {
            long wrong = range(gradient, spec).notFinite();
            if (wrong > 0) {
                found.add(wrong + " of " + spec.elements() + " values of " + spec.name());
            }
        }
        if (found.isEmpty()) {
            found.addAll(notFiniteElsewhere(squares));
        }
        if (found.isEmpty()) {
            return "no value, but their norm overflows";
        }
        int named = Math.min(NAMED, found.size());
        String more = found.size() > named ? ", and of " + (found.size() - named) + " tensors more" : "";
        return String.join(", ", found.subList(0, named)) + more;
    }

    private Set<String> notFiniteElsewhere(double[] squares) {
        Set<String> found = new LinkedHashSet<>();
        int offset = 0;
        for (Bucket bucket : buckets) {
            Slices slices = slices(bucket);
            for (int u = 0; u < slices.units(); u++) {
                long from = bucket.from() + u * slices.unit();
                Bucket.Range unit = new Bucket.Range(from, Math.min(bucket.to(), from + slices.unit()));
                if (!Double.isFinite(squares[offset + u])
                        && updates(bucket).and(unit).elements() == 0) {
                    specs.stream()
                            .filter(spec -> range(spec).and(unit).elements() > 0)
                            .forEach(spec -> found.add("values of " + spec.name() + " on another worker"));
                }
            }
            offset += (int) slices.units();
        }
        return found;
    }

    /**
     * What this worker writes of a checkpoint: its slices of the parameters by name, of the optimizer's state, and of
     * the window.
     */
    List<StateSection> sectionsToSave(Accumulators windows) {
        for (FlatTensor tensor : List.of(parameters, gradient, firstMoment, secondMoment, updates)) {
            tensor.pull();
        }
        List<Bucket.Range> own = ranges(this::owned);
        List<StateSection> sections = new ArrayList<>();
        sections.add(section("parameters", share, named("", parameters, own)));
        sections.add(section("optimizer", share, optimizer(own, share.rank() == 0)));
        sections.add(windows == Accumulators.REDUCED ? section("accumulator", share, foldedWindow()) : openWindow());
        return sections;
    }

    /**
     * What this worker reads of a checkpoint: all parameters, the part of the optimizer's state that it holds, and, of
     * folded windows, the slices that are its own.
     */
    List<StateSection> sectionsToLoad(Accumulators windows) {
        List<StateSection> sections = new ArrayList<>();
        sections.add(section("parameters", ShardSpec.WHOLE, named("", parameters, ranges(Bucket::whole))));
        sections.add(section("optimizer", ShardSpec.WHOLE, optimizer(ranges(this::updates), true)));
        if (windows == Accumulators.REDUCED) {
            sections.add(section("accumulator", ShardSpec.WHOLE, foldedWindow()));
        }
        return sections;
    }

    /** This worker's own sum since the last boundary. */
    StateSection openWindow() {
        return section("window", share, windowTensors());
    }

    private StateSection section(String kind, ShardSpec of, List<NamedTensor> tensors) {
        return new StateSection(
                "level-" + level.index() + (level.phaseSteps() > 0 ? "-phase-" + level.phaseSteps() : "") + "." + kind,
                of.rank(),
                of.ranks(),
                tensors);
    }

    private List<Bucket.Range> ranges(Function<Bucket, Bucket.Range> part) {
        return buckets.stream().map(part).toList();
    }

    private List<NamedTensor> foldedWindow() {
        return named("gradient.", gradient, ranges(this::owned));
    }

    private List<NamedTensor> optimizer(List<Bucket.Range> moments, boolean withCount) {
        List<NamedTensor> optimizer = new ArrayList<>();
        optimizer.addAll(namedMoments("first-moment.", firstMoment, moments));
        optimizer.addAll(namedMoments("second-moment.", secondMoment, moments));
        if (level.isOptimizedEveryStep()) {
            optimizer.addAll(namedMoments("update.", updates, moments));
        }
        if (withCount) {
            optimizer.add(new NamedTensor("boundaries", List.of(1L), optimizerSteps));
        }
        return optimizer;
    }

    /** Live views of the parameters by name. */
    List<NamedTensor> parameterTensors() {
        parameters.pull();
        return named("", parameters, ranges(Bucket::whole));
    }

    /** Live views of what this worker holds of the optimizer's state. */
    List<NamedTensor> optimizerTensors() {
        List.of(firstMoment, secondMoment, updates).forEach(FlatTensor::pull);
        return optimizer(ranges(this::updates), true);
    }

    /** Live views of this worker's sum since the last boundary. */
    List<NamedTensor> windowTensors() {
        gradient.pull();
        return named("gradient.", gradient, ranges(Bucket::whole));
    }

    /** To be called after sections were written from outside. */
    void sectionsLoaded() {
        for (FlatTensor tensor : List.of(parameters, gradient, firstMoment, secondMoment, updates)) {
            tensor.push();
        }
    }

    /** The elements of every tensor that lie in the ranges; tensors outside have none. */
    private List<NamedTensor> named(String prefix, FlatTensor tensor, List<Bucket.Range> ranges) {
        return named(prefix, ranges, range -> tensor.buffer().range(range.from(), range.to()));
    }

    private List<NamedTensor> namedMoments(String prefix, FlatTensor moments, List<Bucket.Range> ranges) {
        return named(prefix, ranges, range -> {
            for (Piece piece : pieces) {
                if (range.elements() > 0 && piece.range.and(range).equals(range)) {
                    long from = piece.first + range.from() - piece.range.from();
                    return moments.buffer().range(from, from + range.elements());
                }
            }
            return moments.buffer().range(0, 0);
        });
    }

    /** A tensor lies in one bucket, and there in the part with weight decay or in the other. */
    private List<NamedTensor> named(
            String prefix, List<Bucket.Range> ranges, Function<Bucket.Range, FlatBuffer> elements) {
        List<NamedTensor> result = new ArrayList<>();
        for (ParameterSpec spec : specs) {
            Bucket.Range tensor = range(spec);
            Bucket.Range found = ranges.stream()
                    .map(tensor::and)
                    .filter(range -> range.elements() > 0)
                    .findFirst()
                    .orElse(new Bucket.Range(tensor.from(), tensor.from()));
            result.add(new NamedTensor(
                    prefix + spec.name(), spec.shape(), found.from() - tensor.from(), elements.apply(found)));
        }
        return result;
    }

    private Bucket.Range range(ParameterSpec spec) {
        long from = requireNonNull(offsets.get(spec.name()));
        return new Bucket.Range(from, from + spec.elements());
    }

    private FlatBuffer range(FlatTensor tensor, ParameterSpec spec) {
        long from = requireNonNull(offsets.get(spec.name()));
        return tensor.buffer().range(from, from + spec.elements());
    }

    private NDArray view(FlatTensor tensor, ParameterSpec spec) {
        long from = requireNonNull(offsets.get(spec.name()));
        return tensor.view(from, from + spec.elements(), spec.shape());
    }

    /** Random keeps 48 bits: what is above them has to reach those below; 0 for the seeds that people choose. */
    private static long high(long seed) {
        long above = seed >> 47;
        long mixed = above * 0xBF58476D1CE4E5B9L;
        return mixed ^ (mixed >>> 32);
    }

    /** The seed of a tensor follows from its name, so that its values depend on no other tensor, level or worker. */
    private void initialise(ParameterSpec spec, long seed) {
        CRC32C crc = new CRC32C();
        crc.update(spec.name().getBytes(StandardCharsets.UTF_8));
        Random random = new Random(seed * 0x9E3779B97F4A7C15L ^ high(seed) ^ crc.getValue());
        FlatBuffer values = range(parameters, spec);
        long index = 0;
        for (ByteBuffer slice : values.slices()) {
            for (int at = 0; at < slice.capacity(); at += values.type().bytes()) {
                double value = spec.initial().value(index++, spec.elements(), random);
                if (values.type() == ElementType.FLOAT32) {
                    slice.putFloat(at, (float) value);
                } else {
                    slice.putDouble(at, (float) value);
                }
            }
        }
    }

    private static long aligned(long elements) {
        return (elements + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
