package org.hopespark.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The rows of {@code bench cluster} about steps for people, in Markdown, and what they say about the goals. */
final class StepTable {
    private static final double KEPT = 0.9;
    private static final double SLOW = 0.5;

    private StepTable() {}

    static List<String> lines(List<StepRow> rows) {
        List<String> lines = new ArrayList<>(List.of(
                "| workers | link | exchange | steps | step, ms | median, ms | forward, ms | backward, ms | exposed, ms"
                        + " | speed, of no network | MB sent a step | peak / mean | bytes, of the formula |",
                "|---|---|---|---|---|---|---|---|---|---|---|---|---|"));
        rows.forEach(row -> lines.add(line(row)));
        lines.add("");
        lines.addAll(goals(rows));
        return lines;
    }

    static String line(StepRow row) {
        long sent = sum(row.bytes());
        return String.format(
                Locale.ROOT,
                "| %d | %s | %s | %d | %.1f | %.1f | %.1f | %.1f | %.1f | %.3f | %.3f | %s | %s |",
                row.workers(),
                row.link(),
                row.mode(),
                row.steps(),
                row.meanSeconds() * 1e3,
                row.medianSeconds() * 1e3,
                row.forwardSeconds() * 1e3,
                row.backwardSeconds() * 1e3,
                row.exposedSeconds() * 1e3,
                row.ofAlone(),
                sent * 1e-6 / row.workers() / row.steps(),
                row.peakToMean() == 0 ? "" : String.format(Locale.ROOT, "%.1f", row.peakToMean()),
                bytes(row));
    }

    private static String bytes(StepRow row) {
        if (row.link().equals(StepRow.NO_NETWORK)) {
            return "";
        }
        return row.bytesAreExpected()
                ? String.format(Locale.ROOT, "%,d, equal", sum(row.bytes()))
                : "DIFFERENT: " + row.bytes() + " instead of " + row.expectedBytes();
    }

    private static long sum(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).sum();
    }

    private static List<String> goals(List<StepRow> rows) {
        List<String> lines = rows.stream()
                .filter(row -> row.mode().equals(Mode.OVERLAP.name()))
                .flatMap(overlap -> rows.stream()
                        .filter(full -> full.mode().equals(Mode.FULL.name()))
                        .filter(full -> full.workers() == overlap.workers()
                                && full.link().equals(overlap.link())
                                && !full.link().equals(StepRow.NO_NETWORK))
                        .map(full -> goal(full, overlap)))
                .collect(Collectors.toCollection(ArrayList::new));
        long different = rows.stream().filter(row -> !row.bytesAreExpected()).count();
        lines.add("bytes against 2 (N-1) b P / C: "
                + (different == 0 ? "equal in all rows" : "DIFFERENT in " + different + " rows"));
        return lines;
    }

    private static String goal(StepRow full, StepRow overlap) {
        String verdict = full.ofAlone() >= SLOW
                ? "no goal: the link is fast enough for every step"
                : "goal " + KEPT + ": " + (overlap.ofAlone() >= KEPT ? "reached" : "not reached");
        return String.format(
                Locale.ROOT,
                "%d workers, %s: every step %.3f, level-wise with overlap %.3f of the speed without a network (%s)",
                full.workers(),
                full.link(),
                full.ofAlone(),
                overlap.ofAlone(),
                verdict);
    }
}
