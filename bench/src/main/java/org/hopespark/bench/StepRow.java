package org.hopespark.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Cost;

/**
 * One row of {@code bench cluster}: a group of workers over a link.
 *
 * @param link its name, or that of no network
 * @param workers N
 * @param mode its name
 * @param steps measured
 * @param meanSeconds of a step
 * @param medianSeconds of a step
 * @param forwardSeconds of a step
 * @param backwardSeconds of a step
 * @param exposedSeconds of a step
 * @param ofAlone speed, of that without a network
 * @param bytes sent by all workers
 * @param expectedBytes what the formula 2 (N-1) b P / C says of the same steps
 * @param peakToMean bytes of a worker's largest step over those of its mean step; 0 without a network
 */
record StepRow(
        String link,
        int workers,
        String mode,
        long steps,
        double meanSeconds,
        double medianSeconds,
        double forwardSeconds,
        double backwardSeconds,
        double exposedSeconds,
        double ofAlone,
        List<Long> bytes,
        List<Long> expectedBytes,
        double peakToMean) {
    static final String NO_NETWORK = "none";

    StepRow {
        bytes = List.copyOf(bytes);
        expectedBytes = List.copyOf(expectedBytes);
    }

    /** Of workers who do not meet. */
    static StepRow alone(String mode, List<StepFigures> workers) {
        double seconds = mean(workers, StepFigures::meanSeconds);
        List<Long> none = workers.get(0).elements().stream().map(elements -> 0L).toList();
        return row(NO_NETWORK, mode, workers, seconds, none);
    }

    /**
     * Of workers who do.
     *
     * @param aloneSeconds a step of such workers who do not meet
     */
    static StepRow together(Link link, String mode, List<StepFigures> workers, double aloneSeconds, RunConfig config) {
        StepFigures first = workers.get(0);
        Cost cost = Cost.of(config);
        List<Level> levels = config.schedule().levels();
        List<Long> expected = new ArrayList<>();
        for (int i = 0; i < levels.size(); i++) {
            Level level = levels.get(i);
            long elements = first.elements().get(i);
            // each element goes to its owner from N - 1 workers, and back, at each boundary
            expected.add(LongStream.rangeClosed(1, first.steps())
                    .mapToDouble(step -> cost.bytesANumberAt(level, step, workers.size()))
                    .mapToLong(bytes -> Math.round(Cost.bytesOfSum(elements, bytes, workers.size())))
                    .sum());
        }
        return row(link.name(), mode, workers, aloneSeconds, expected);
    }

    private static StepRow row(
            String link, String mode, List<StepFigures> workers, double aloneSeconds, List<Long> expected) {
        double seconds = mean(workers, StepFigures::meanSeconds);
        List<Long> bytes = new ArrayList<>();
        for (int i = 0; i < expected.size(); i++) {
            int level = i;
            bytes.add(workers.stream().mapToLong(w -> w.bytesSent().get(level)).sum());
        }
        double meanBytes = mean(workers, StepFigures::meanBytes);
        long largest =
                workers.stream().mapToLong(StepFigures::largestBytes).max().orElse(0);
        return new StepRow(
                link,
                workers.size(),
                mode,
                workers.get(0).steps(),
                seconds,
                mean(workers, StepFigures::medianSeconds),
                mean(workers, StepFigures::forwardSeconds),
                mean(workers, StepFigures::backwardSeconds),
                mean(workers, StepFigures::exposedSeconds),
                aloneSeconds / seconds,
                bytes,
                expected,
                meanBytes == 0 ? 0 : largest / meanBytes);
    }

    private static double mean(List<StepFigures> workers, ToDoubleFunction<StepFigures> value) {
        return workers.stream().mapToDouble(value).average().orElseThrow();
    }

    /** Whether the traffic of every level is that of the formula. */
    boolean bytesAreExpected() {
        return bytes.equals(expectedBytes);
    }
}
