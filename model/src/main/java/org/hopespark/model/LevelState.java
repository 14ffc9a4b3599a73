package org.hopespark.model;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.hopespark.conf.Level;

/**
 * What one level owns: its parameters as one flat vector, the gradient that accumulates over its window, and AdamW's
 * moments.
 *
 * <p>Parameters with weight decay come first, so that each update needs two calls whatever the number of tensors.
 * Exchange, clipping, update and checkpoint see flat vectors only; the network sees named leaves that alias them.
 */
final class LevelState {
    /**
     * Tensors start at multiples of 64 bytes (16 floats), as the engine's own do: kernels give the same bits wherever a
     * tensor lies.
     */
    private static final long ALIGNMENT = 16;

    /** The place of the part with weight decay among {@link #views}. */
    static final int DECAYING = 0;

    /** Tensors that a message names. */
    private static final int NAMED = 3;

    /** Values by which the drift of a level is judged, at most. */
    private static final int SAMPLE = 1 << 16;

    private final Level level;
    private final List<ParameterSpec> specs = new ArrayList<>();
    private final Map<String, Long> offsets = new HashMap<>();
    private final Map<String, NDArray> leaves = new HashMap<>();
    private final Map<String, NDArray> gradientViews = new HashMap<>();
    private final long decaying;
    private final FlatTensor parameters;
    private final FlatTensor gradient;
    private final FlatTensor firstMoment;
    private final FlatTensor secondMoment;
    private final FlatBuffer boundaries;
    private double[] start;
    private final Map<FlatTensor, List<NDArray>> halves = new HashMap<>();

    LevelState(Torch torch, ElementType type, Level level, List<ParameterSpec> owned, long seed) {
        this.level = level;
        // the engine has no empty views: a half without tensors keeps one line of padding
        decaying = Math.max(ALIGNMENT, place(owned, spec -> spec.decays(), 0));
        long elements = Math.max(decaying + ALIGNMENT, place(owned, spec -> !spec.decays(), decaying));
        parameters = new FlatTensor(torch, type, elements);
        gradient = new FlatTensor(torch, type, elements);
        firstMoment = new FlatTensor(torch, type, elements);
        secondMoment = new FlatTensor(torch, type, elements);
        boundaries = FlatBuffer.allocate(ElementType.FLOAT64, 1);
        for (FlatTensor tensor : List.of(parameters, gradient, firstMoment, secondMoment)) {
            halves.put(tensor, split(tensor));
        }
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

    Level level() {
        return level;
    }

    /** The trainable view of a parameter. */
    NDArray leaf(ParameterSpec spec) {
        return requireNonNull(leaves.get(spec.name()));
    }

    /** Where the gradient of a parameter accumulates. */
    NDArray gradientView(ParameterSpec spec) {
        return requireNonNull(gradientViews.get(spec.name()));
    }

    /** The part of a vector with weight decay, and the part without. */
    List<NDArray> views(FlatTensor tensor) {
        return requireNonNull(halves.get(tensor));
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

    /** Number of boundaries that this level has passed. */
    double boundariesPassed() {
        return boundaries.slices().get(0).getDouble(0);
    }

    void countBoundary() {
        boundaries.slices().get(0).putDouble(0, boundariesPassed() + 1);
    }

    /** Drift counts from the parameters as they are now. */
    void startHere() {
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

    /** Which tensors have a gradient with values that are not finite, and how many. */
    String notFinite() {
        gradient.pull();
        List<String> found = new ArrayList<>();
        for (ParameterSpec spec : specs) {
            long wrong = range(gradient, spec).notFinite();
            if (wrong > 0) {
                found.add(wrong + " of " + spec.elements() + " values of " + spec.name());
            }
        }
        if (found.isEmpty()) {
            return "no value, but their norm overflows";
        }
        int named = Math.min(NAMED, found.size());
        String more = found.size() > named ? ", and of " + (found.size() - named) + " tensors more" : "";
        return String.join(", ", found.subList(0, named)) + more;
    }

    /** Sections of a checkpoint: parameters by name, the optimizer's state, and the open window's gradient. */
    List<StateSection> sections() {
        for (FlatTensor tensor : List.of(parameters, gradient, firstMoment, secondMoment)) {
            tensor.pull();
        }
        List<NamedTensor> optimizer = new ArrayList<>();
        optimizer.addAll(named("first-moment.", firstMoment));
        optimizer.addAll(named("second-moment.", secondMoment));
        optimizer.add(new NamedTensor("boundaries", List.of(1L), boundaries));
        String prefix = "level-" + level.index() + ".";
        return List.of(
                new StateSection(prefix + "parameters", named("", parameters)),
                new StateSection(prefix + "optimizer", optimizer),
                new StateSection(prefix + "accumulator", named("gradient.", gradient)));
    }

    /** Live views of the parameters by name. */
    List<NamedTensor> parameterTensors() {
        parameters.pull();
        return named("", parameters);
    }

    /** To be called after sections were written from outside. */
    void sectionsLoaded() {
        for (FlatTensor tensor : List.of(parameters, gradient, firstMoment, secondMoment)) {
            tensor.push();
        }
    }

    private List<NamedTensor> named(String prefix, FlatTensor tensor) {
        return specs.stream()
                .map(spec -> new NamedTensor(prefix + spec.name(), spec.shape(), range(tensor, spec)))
                .toList();
    }

    private FlatBuffer range(FlatTensor tensor, ParameterSpec spec) {
        long from = requireNonNull(offsets.get(spec.name()));
        return tensor.buffer().range(from, from + spec.elements());
    }

    private NDArray view(FlatTensor tensor, ParameterSpec spec) {
        long from = requireNonNull(offsets.get(spec.name()));
        return tensor.view(from, from + spec.elements(), spec.shape());
    }

    private List<NDArray> split(FlatTensor tensor) {
        long end = tensor.buffer().elements();
        return List.of(
                tensor.view(0, decaying, List.of(decaying)), tensor.view(decaying, end, List.of(end - decaying)));
    }

    /** The seed of a tensor follows from its name, so that its values depend on no other tensor, level or worker. */
    private void initialise(ParameterSpec spec, long seed) {
        CRC32C crc = new CRC32C();
        crc.update(spec.name().getBytes(StandardCharsets.UTF_8));
        Random random = new Random(seed * 0x9E3779B97F4A7C15L ^ crc.getValue());
        FlatBuffer values = range(parameters, spec);
        for (ByteBuffer slice : values.slices()) {
            for (int at = 0; at < slice.capacity(); at += values.type().bytes()) {
                double value = spec.mean() + (spec.deviation() == 0 ? 0 : spec.deviation() * random.nextGaussian());
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
