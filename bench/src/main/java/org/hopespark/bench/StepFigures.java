package org.hopespark.bench;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.hopespark.conf.Level;
import org.hopespark.model.StepReport;

/**
 * What one worker saw of its measured steps.
 *
 * @param steps measured
 * @param meanSeconds of a step
 * @param medianSeconds of a step
 * @param forwardSeconds mean
 * @param backwardSeconds mean
 * @param exposedSeconds mean of what it waited for others and did nothing else
 * @param elements of each level
 * @param bytesSent for each level, in all steps
 * @param largestBytes sent in one step
 */
record StepFigures(
        long steps,
        double meanSeconds,
        double medianSeconds,
        double forwardSeconds,
        double backwardSeconds,
        double exposedSeconds,
        List<Long> elements,
        List<Long> bytesSent,
        long largestBytes) {
    StepFigures {
        elements = List.copyOf(elements);
        bytesSent = List.copyOf(bytesSent);
    }

    /**
     * The figures of some steps.
     *
     * @param levels those that are exchanged, in parts where their blocks take turns
     * @param elements of each
     */
    static StepFigures of(List<StepReport> reports, List<Level> levels, List<Long> elements) {
        long[] sent = new long[levels.size()];
        long largest = 0;
        for (StepReport report : reports) {
            long bytes = 0;
            for (StepReport.LevelReport level : report.levels()) {
                sent[levels.indexOf(level.level())] += level.exchange().bytesSent();
                bytes += level.exchange().bytesSent();
            }
            largest = Math.max(largest, bytes);
        }
        double[] seconds =
                reports.stream().mapToDouble(StepReport::seconds).sorted().toArray();
        return new StepFigures(
                reports.size(),
                mean(reports, StepReport::seconds),
                (seconds[(seconds.length - 1) / 2] + seconds[seconds.length / 2]) / 2,
                mean(reports, StepReport::forwardSeconds),
                mean(reports, StepReport::backwardSeconds),
                mean(reports, StepReport::exposedSeconds),
                elements,
                Arrays.stream(sent).boxed().toList(),
                largest);
    }

    private static double mean(List<StepReport> reports, ToDoubleFunction<StepReport> value) {
        return reports.stream().mapToDouble(value).average().orElseThrow();
    }

    /** Mean bytes of a step. */
    double meanBytes() {
        return (double) bytesSent.stream().mapToLong(Long::longValue).sum() / steps;
    }
}
