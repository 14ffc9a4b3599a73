package org.hopespark.model.eval.continual;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.TrainingConfig;
import org.hopespark.conf.UserException;
import org.hopespark.model.LevelGradient;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.Network;
import org.hopespark.model.StateSection;

/** The updates of a network that learns tasks: which parameters move, and when. */
final class FineTuning {
    private static final String GRADIENT = "gradient.";

    private final RunConfig config;
    private final Network network;
    private final Prompts prompts;
    private final ContinualSettings settings;
    private final TrainingConfig training;
    private final Predicate<String> moves;
    private final Progress progress;
    private final Random random;
    private long step;

    FineTuning(RunConfig config, Network network, Prompts prompts, ContinualSettings settings, Progress progress) {
        this.config = config;
        this.network = network;
        this.prompts = prompts;
        this.settings = settings;
        this.progress = progress;
        training = constant(config.training(), settings.learningRate());
        moves = settings.method() == Method.FROZEN ? matching(settings.moving()) : name -> true;
        random = new Random(settings.seed());
    }

    /** Without weight decay, so that what has no gradient stays where it is. */
    private static TrainingConfig constant(TrainingConfig of, double learningRate) {
        return new TrainingConfig(
                of.steps(),
                of.batchSequences(),
                of.microBatchSequences(),
                learningRate,
                TrainingConfig.Schedule.CONSTANT,
                1,
                TrainingConfig.DEFAULT.decayShare(),
                0,
                0,
                of.beta1(),
                of.beta2(),
                of.epsilon(),
                of.clipNorm(),
                of.recomputeEveryChunks(),
                of.statisticsEverySteps(),
                of.stateCheckEverySteps());
    }

    private Predicate<String> matching(List<String> patterns) {
        List<Predicate<String>> each = new ArrayList<>();
        for (String pattern : patterns) {
            Predicate<String> one = Pattern.compile("\\Q" + pattern.replace("*", "\\E.*\\Q") + "\\E")
                    .asMatchPredicate();
            if (network.architecture().parameters().stream().noneMatch(p -> one.test(p.name()))) {
                throw new UserException("moving: '" + pattern + "' matches no parameter of the model");
            }
            each.add(one);
        }
        return name -> each.stream().anyMatch(one -> one.test(name));
    }

    /** Levels of the network, fastest first. */
    List<Level> levels() {
        return config.schedule().levels();
    }

    Network network() {
        return network;
    }

    Random random() {
        return random;
    }

    /** Goes through the examples as often as is wished, each time in a new order. */
    void epochs(List<Example> examples, int batch, Consumer<List<Example>> each) {
        List<Example> order = new ArrayList<>(examples);
        for (int epoch = 0; epoch < settings.epochs(); epoch++) {
            Collections.shuffle(order, random);
            for (int from = 0; from < order.size(); from += batch) {
                each.accept(List.copyOf(order.subList(from, Math.min(order.size(), from + batch))));
            }
        }
    }

    /** Adds the gradient of {@code weight} times the sum of the examples' -log p(label | text). */
    void add(List<Example> examples, double weight) {
        network.forwardBackward(prompts.batch(examples), weight);
        progress.done(Progress.TRAINED * examples.size());
    }

    /** Ends a step. */
    void update() {
        update(gradient -> {});
    }

    /**
     * Ends a step.
     *
     * @param penalty adds to the gradient of each level what the loss has besides the examples
     */
    void update(Consumer<LevelGradient> penalty) {
        step++;
        if (settings.method() == Method.FROZEN) {
            clearWhatStays();
        }
        for (Level level : levels()) {
            switch (settings.method()) {
                case LEVELS -> {
                    if (level.closesWindowAt(step) || level.isOptimizedEveryStep()) {
                        update(level);
                    }
                }
                case FAST_LEVELS -> {
                    if (level.index() == 1) {
                        update(level);
                    } else {
                        network.levels().gradient(level).clear();
                    }
                }
                default -> {
                    penalty.accept(network.levels().gradient(level));
                    network.levels().addInitialStateGradient(level);
                    network.levels().updateFromOneStep(level, step, training);
                }
            }
        }
    }

    private void update(Level level) {
        network.levels().addInitialStateGradient(level);
        network.levels().update(level, step, training);
    }

    private void clearWhatStays() {
        for (StateSection section : network.levels().openWindows()) {
            for (NamedTensor tensor : section.tensors()) {
                if (!moves.test(tensor.name().substring(GRADIENT.length()))) {
                    tensor.data().clear();
                }
            }
        }
        levels().forEach(level -> network.levels().gradient(level).changed());
    }
}
