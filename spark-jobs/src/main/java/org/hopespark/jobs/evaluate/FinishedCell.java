package org.hopespark.jobs.evaluate;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.hopespark.model.eval.TaskResult;

/**
 * A cell with its results.
 *
 * @param hashes of everything that decides the results
 * @param cell what was run
 * @param date when the sweep began that has run it, as {@link HarnessResults#date} writes it
 * @param seconds how long it took
 * @param results the rows
 */
record FinishedCell(Hashes hashes, Cell cell, String date, double seconds, List<TaskResult> results) {
    FinishedCell {
        results = List.copyOf(results);
    }

    /** The same results for a cell with the same hashes, such as a checkpoint that has moved. */
    FinishedCell as(Cell other) {
        return new FinishedCell(hashes, other.withSamples(cell.samples()), date, seconds, results);
    }

    /** Samples may be asked for that it has not; the answers to its requests are known, so another run is short. */
    boolean hasWhatIsAskedOf(Cell other) {
        return other.samples().isEmpty() || !cell.samples().isEmpty();
    }

    /** One line for the console. */
    String summary() {
        return results.stream()
                .filter(r -> r.part().isEmpty())
                .map(r -> String.format(Locale.ROOT, "%s %.4f", r.metric(), r.value()))
                .collect(Collectors.joining(", ", "", String.format(Locale.ROOT, " (%.1f s)", seconds)));
    }
}
