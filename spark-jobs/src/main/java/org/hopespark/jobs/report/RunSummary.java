package org.hopespark.jobs.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.Settings;
import org.hopespark.jobs.run.RunEvent.RunStarted;
import org.hopespark.jobs.run.RunEvent.StepDone;
import org.hopespark.jobs.run.RunEvent.Validation;
import org.hopespark.jobs.run.TextFiles;

/**
 * What a list of runs says of one.
 *
 * @param folder of the run
 * @param run as it was started last
 * @param step that is done, 0 before the first
 * @param tokens of all steps
 * @param seconds of all starts
 * @param state in words
 * @param loss mean over the last steps, NaN before the first
 * @param validation the newest
 * @param lossByTokens a point is a mean of neighbouring steps
 * @param lossBySeconds the same over the time that steps have taken
 * @param validationByTokens all of them
 * @param settings of its config.yaml by name, empty where that is missing
 * @param hasPage whether a report lies in its folder
 */
record RunSummary(
        Path folder,
        RunStarted run,
        long step,
        long tokens,
        double seconds,
        String state,
        double loss,
        Optional<Validation> validation,
        Points lossByTokens,
        Points lossBySeconds,
        Points validationByTokens,
        Map<String, String> settings,
        boolean hasPage) {
    private static final int MOST_POINTS = 400;

    /** Places and values of a curve. */
    record Points(List<Double> xs, List<Double> ys) {
        Points {
            xs = List.copyOf(xs);
            ys = List.copyOf(ys);
        }
    }

    /** Reads a run's folder, which must hold metrics. */
    static RunSummary read(Path folder, TextFiles files) throws IOException {
        RunMetrics metrics = RunReport.metrics(folder, files);
        Path config = new Path(folder, RunReport.CONFIG);
        List<StepDone> steps = metrics.steps();
        List<Double> tokens = new ArrayList<>();
        List<Double> seconds = new ArrayList<>();
        double tokensSoFar = 0;
        double secondsSoFar = 0;
        for (StepDone step : steps) {
            tokensSoFar += step.tokens();
            secondsSoFar += step.seconds();
            tokens.add(tokensSoFar);
            seconds.add(secondsSoFar);
        }
        List<Double> losses = steps.stream().map(StepDone::loss).toList();
        List<Validation> validations = metrics.validations();
        return new RunSummary(
                folder,
                metrics.run(),
                steps.isEmpty() ? 0 : steps.get(steps.size() - 1).step(),
                metrics.tokens(),
                metrics.seconds(),
                metrics.state(),
                metrics.lastLoss(),
                validations.isEmpty() ? Optional.empty() : Optional.of(validations.get(validations.size() - 1)),
                means(tokens, losses),
                means(seconds, losses),
                new Points(
                        validations.stream()
                                .map(validation -> (double) validation.step()
                                        * metrics.run().batchTokens())
                                .toList(),
                        validations.stream().map(Validation::loss).toList()),
                files.exists(config)
                        ? Settings.parse(config.toString(), files.read(config)).flat()
                        : Map.of(),
                files.exists(new Path(folder, RunReport.PAGE)));
    }

    /** So few points that many curves can be told apart, each a mean of as many neighbours. */
    private static Points means(List<Double> xs, List<Double> ys) {
        int each = Math.max(1, (xs.size() + MOST_POINTS - 1) / MOST_POINTS);
        List<Double> places = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (int from = 0; from < xs.size(); from += each) {
            int to = Math.min(xs.size(), from + each);
            places.add(mean(xs.subList(from, to)));
            values.add(mean(ys.subList(from, to)));
        }
        return new Points(places, values);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).sum() / values.size();
    }

    boolean isFinished() {
        return state.equals(RunMetrics.FINISHED);
    }

    double tokensPerSecond() {
        return seconds > 0 ? tokens / seconds : Double.NaN;
    }
}
