package org.hopespark.model;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hopespark.conf.ModelConfig;

/**
 * How the parameters of a pre-trained network become the initial values of another one.
 *
 * <p>Where both have the same parameters, each is copied. Where the pre-trained network has one MLP in every block and
 * the other one a continuum memory of several, side by side, the hidden units of that MLP are dealt out in order: level
 * l gets as many as its MLP has. An MLP is a sum over its hidden units, so with the norm copied to every level and
 * equal weights of the sum (Nested Learning, Eq. 74) both networks compute the same. That is the pre-trained start of
 * section 7.3, for which the paper does not say how an MLP is divided. A head of its own starts as the embedding where
 * the pre-trained network's head is the embedding.
 *
 * <p>Parameters are not held twice: the pre-trained ones are views of the memory of those that start from them.
 */
public final class PretrainedStart {
    /** A parameter of a continuum memory: its block, its level, what it is. */
    private static final Pattern OF_MLP = Pattern.compile("(blocks\\.\\d+\\.continuum\\.)(\\d+)\\.(norm|up|gate|down)");

    private final Map<String, List<Long>> source;
    private final Architecture target;
    private final String sourceMlp;
    private final boolean divides;

    /**
     * A start.
     *
     * @param source names and shapes of the pre-trained parameters
     * @param target of the network that starts
     */
    public PretrainedStart(Map<String, List<Long>> source, Architecture target) {
        this.source = new LinkedHashMap<>(source);
        this.target = target;
        Set<String> mlps = mlps(source.keySet());
        Set<String> levels =
                mlps(target.parameters().stream().map(ParameterSpec::name).toList());
        divides = mlps.size() == 1 && levels.size() > 1;
        sourceMlp = mlps.stream().findFirst().orElse("1");
    }

    /** Levels that have an MLP. */
    private static Set<String> mlps(Iterable<String> names) {
        Set<String> levels = new LinkedHashSet<>();
        for (String name : names) {
            Matcher matcher = OF_MLP.matcher(name);
            if (matcher.matches()) {
                levels.add(matcher.group(2));
            }
        }
        return levels;
    }

    /** Why the network cannot start from these parameters; empty when it can. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        if (divides && target.model().continuum() != ModelConfig.Continuum.INDEPENDENT) {
            problems.add("its blocks have one MLP, those of this run one a level: only with model.continuum=independent"
                    + " can it be divided among them");
        }
        Map<String, List<Long>> expected = new LinkedHashMap<>();
        parts().forEach((name, parts) -> expected.put(name, shape(name, parts)));
        expected.forEach((name, shape) -> {
            List<Long> found = source.get(name);
            if (found == null) {
                problems.add("tensor " + name + " " + shape + " is missing");
            } else if (!found.equals(shape)) {
                problems.add("tensor " + name + " has the shape " + found + ", the model of this run " + shape
                        + (divides && OF_MLP.matcher(name).matches() ? ", all levels together" : ""));
            }
        });
        source.keySet().stream()
                .filter(name -> !expected.containsKey(name))
                .forEach(name -> problems.add("tensor " + name + " is unknown to the model of this run"
                        + (name.equals(ParameterSpec.HEAD) ? ": set model.tied-embeddings=false" : "")));
        return problems;
    }

    /**
     * The pre-trained parameters as views of the network's: what is written to them is where it belongs.
     *
     * @param parameters live, of the network that starts
     */
    public List<NamedTensor> views(List<NamedTensor> parameters) {
        Map<String, NamedTensor> live = byName(parameters);
        List<NamedTensor> views = new ArrayList<>();
        parts().forEach((name, parts) -> {
            List<FlatBuffer> buffers = parts.stream()
                    .map(part -> requireNonNull(live.get(part.name())).data())
                    .toList();
            views.add(new NamedTensor(name, shape(name, parts), joined(name, buffers, parts)));
        });
        return views;
    }

    /**
     * Gives every level what all need and the first one was given, the sum its weights, and a head that the pre-trained
     * network does not have its embedding; to be called when the views are written.
     */
    public void spread(List<NamedTensor> parameters) {
        Map<String, NamedTensor> live = byName(parameters);
        if (untiesHead()) {
            requireNonNull(live.get(ParameterSpec.HEAD))
                    .data()
                    .copy(requireNonNull(live.get(ParameterSpec.EMBEDDING)).data());
        }
        if (!divides) {
            return;
        }
        parts().forEach((name, parts) -> {
            FlatBuffer first = requireNonNull(live.get(parts.get(0).name())).data();
            if (name.endsWith(".norm")) {
                parts.forEach(
                        part -> requireNonNull(live.get(part.name())).data().copy(first));
            }
        });
        for (NamedTensor tensor : parameters) {
            if (isWeights(tensor.name())) {
                // the one weight of a sum that had one part; a chain adds its MLP as it is
                tensor.data()
                        .fill(source.containsKey(tensor.name()) ? tensor.data().get(0) : 1);
            }
        }
    }

    /** For each pre-trained parameter those of the network that it is divided among, fastest level first. */
    private Map<String, List<ParameterSpec>> parts() {
        Map<String, List<ParameterSpec>> parts = new LinkedHashMap<>();
        for (ParameterSpec spec : target.parameters()) {
            Matcher matcher = OF_MLP.matcher(spec.name());
            if (divides && matcher.matches()) {
                String name = matcher.group(1) + sourceMlp + "." + matcher.group(3);
                parts.computeIfAbsent(name, k -> new ArrayList<>()).add(spec);
            } else if (source.containsKey(spec.name()) || !isMadeHere(spec.name())) {
                parts.put(spec.name(), List.of(spec));
            }
        }
        return parts;
    }

    /** Whether {@link #spread} gives a parameter its values where the pre-trained network has none. */
    private boolean isMadeHere(String name) {
        return (divides && isWeights(name)) || (untiesHead() && name.equals(ParameterSpec.HEAD));
    }

    private boolean untiesHead() {
        return !target.isTied() && !source.containsKey(ParameterSpec.HEAD);
    }

    private static boolean isWeights(String name) {
        return name.endsWith(".continuum.weights");
    }

    /** Shape of a pre-trained parameter: up and gate are [D,E], divided by column; down is [E,D], by row. */
    private List<Long> shape(String name, List<ParameterSpec> parts) {
        List<Long> first = parts.get(0).shape();
        if (divides && isWeights(name)) {
            return List.of(1L);
        }
        if (parts.size() == 1 || first.size() == 1) {
            return first;
        }
        int axis = name.endsWith(".down") ? 0 : 1;
        long units = parts.stream().mapToLong(part -> part.shape().get(axis)).sum();
        return axis == 0 ? List.of(units, first.get(1)) : List.of(first.get(0), units);
    }

    private FlatBuffer joined(String name, List<FlatBuffer> buffers, List<ParameterSpec> parts) {
        FlatBuffer first = buffers.get(0);
        if (divides && isWeights(name)) {
            return first.range(0, 1);
        }
        if (parts.size() == 1 || parts.get(0).shape().size() == 1) {
            return first;
        }
        long rows = name.endsWith(".down") ? 1 : parts.get(0).shape().get(0);
        List<ByteBuffer> slices = new ArrayList<>();
        for (long row = 0; row < rows; row++) {
            for (FlatBuffer buffer : buffers) {
                long length = buffer.elements() / rows;
                slices.addAll(buffer.range(row * length, (row + 1) * length).slices());
            }
        }
        return new FlatBuffer(first.type(), slices);
    }

    private static Map<String, NamedTensor> byName(List<NamedTensor> tensors) {
        Map<String, NamedTensor> result = new LinkedHashMap<>();
        tensors.forEach(tensor -> result.put(tensor.name(), tensor));
        return result;
    }
}
