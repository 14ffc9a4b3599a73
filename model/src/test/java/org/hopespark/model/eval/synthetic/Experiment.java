package org.hopespark.model.eval.synthetic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Network;

/**
 * Trains a preset for one task and prints what comes of it: preset, task, epochs, steps, batch, rates, examples, --set
 * texts.
 */
final class Experiment {
    private Experiment() {}

    public static void main(String[] arguments) {
        Network.useThreads(1);
        List<String> overrides = new ArrayList<>(Arrays.asList(arguments).subList(7, arguments.length));
        TrainSettings settings = new TrainSettings(
                Integer.parseInt(arguments[2]),
                Long.parseLong(arguments[3]),
                Integer.parseInt(arguments[4]),
                Arrays.stream(arguments[5].split(",", -1)).map(Double::valueOf).toList(),
                List.of(0.0),
                List.of(1L),
                1,
                Integer.parseInt(arguments[6]),
                500,
                100,
                1);
        TrainAndScore.Outcome outcome = new TrainAndScore(RunConfig.ofPreset(arguments[0], overrides), settings)
                .run(SyntheticTasks.named(arguments[1]));
        outcome.runs().forEach(System.out::println);
        outcome.measurements().forEach(System.out::println);
    }
}
