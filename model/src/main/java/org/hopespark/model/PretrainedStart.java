package org.hopespark.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How the parameters of a pre-trained network become the initial values of another one. */
public final class PretrainedStart {
    private final Map<String, List<Long>> source;
    private final Architecture target;

    /**
     * A start.
     *
     * @param source names and shapes of the pre-trained parameters
     * @param target of the network that starts
     */
    public PretrainedStart(Map<String, List<Long>> source, Architecture target) {
        this.source = new LinkedHashMap<>(source);
        this.target = target;
    }

    /** Why the network cannot start from these parameters; empty when it can. */
    public List<String> problems() {
        Map<String, List<Long>> expected = new LinkedHashMap<>();
        target.parameters().forEach(spec -> expected.put(spec.name(), spec.shape()));
        List<String> problems = new ArrayList<>();
        expected.forEach((name, shape) -> {
            List<Long> found = source.get(name);
            if (found == null) {
                problems.add("tensor " + name + " " + shape + " is missing");
            } else if (!found.equals(shape)) {
                problems.add("tensor " + name + " has the shape " + found + ", the model of this run " + shape);
            }
        });
        source.keySet().stream()
                .filter(name -> !expected.containsKey(name))
                .forEach(name -> problems.add("tensor " + name + " is unknown to the model of this run"));
        return problems;
    }
}
