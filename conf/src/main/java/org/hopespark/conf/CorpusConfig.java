package org.hopespark.conf;

import java.util.List;

/**
 * A corpus pipeline: what it reads, and the steps between reading and packing.
 *
 * @param inputs the corpus
 * @param earlier what earlier runs have kept; whatever is like a document of theirs is a duplicate
 * @param output folder with a folder for every step
 * @param maxBad rows that may be unreadable; they are skipped and reported; -1 for any number
 * @param steps in order
 */
public record CorpusConfig(
        List<PrepareConfig.Input> inputs,
        List<PrepareConfig.Input> earlier,
        String output,
        long maxBad,
        List<CorpusStep> steps) {
    static final CorpusConfig DEFAULT = new CorpusConfig(List.of(), List.of(), "", -1, List.of());

    public CorpusConfig {
        inputs = List.copyOf(inputs);
        earlier = List.copyOf(earlier);
        steps = List.copyOf(steps);
        if (maxBad < -1) {
            throw new IllegalArgumentException("max-bad must be >= 0, or -1 for any number, got " + maxBad);
        }
    }

    /** Reads settings of which {@code inputs}, {@code output} and {@code steps} are required. */
    public static CorpusConfig of(Settings settings) {
        CorpusConfig config = settings.bind(CorpusConfig.class);
        if (config.inputs.isEmpty()
                || config.inputs.stream().anyMatch(input -> input.path().isBlank())) {
            throw new UserException(settings.source() + ": every one of inputs needs a path, and there must be one"
                    + " (inputs: [{path: ...}])");
        }
        if (config.earlier.stream().anyMatch(input -> input.path().isBlank())) {
            throw new UserException(settings.source() + ": every one of earlier needs a path");
        }
        if (config.output.isBlank()) {
            throw new UserException(settings.source() + ": output must name a folder");
        }
        if (config.steps.isEmpty()) {
            throw new UserException(
                    settings.source() + ": there must be a step (steps: [exact-duplicates], for" + " instance)");
        }
        return config;
    }
}
