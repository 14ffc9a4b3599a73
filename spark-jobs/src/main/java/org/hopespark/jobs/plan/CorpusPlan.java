package org.hopespark.jobs.plan;

import static org.hopespark.jobs.progress.Units.bytes;
import static org.hopespark.jobs.progress.Units.count;
import static org.hopespark.jobs.progress.Units.digits;
import static org.hopespark.jobs.progress.Units.duration;
import static org.hopespark.jobs.progress.Units.percent;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.hopespark.jobs.corpus.MeasuredPipeline;
import org.hopespark.jobs.corpus.MeasuredPipeline.Step;

/**
 * What a corpus will become and cost, in proportion to a sample that was run.
 *
 * @param name of the configuration
 * @param sample what was run
 * @param measured what came of it
 * @param totalBytes of all files of the corpus
 * @param cores of the cluster
 * @param tokenizer of the data set
 */
public record CorpusPlan(
        String name,
        CorpusSample sample,
        MeasuredPipeline.Result measured,
        double totalBytes,
        int cores,
        String tokenizer) {
    private static final double SECONDS_AN_HOUR = 3600;

    public CorpusPlan {
        if (cores < 1) {
            throw new IllegalArgumentException("--cores must be >= 1, got " + cores);
        }
        if (sample.bytes() < 1) {
            throw new IllegalArgumentException("the sample is empty");
        }
    }

    /** How many times the sample the corpus is. */
    public double factor() {
        return totalBytes / sample.bytes();
    }

    public double tokens() {
        return measured.tokens() * factor();
    }

    public double shardBytes() {
        return measured.shardBytes() * factor();
    }

    /** Of what all steps keep and remove, shards included. */
    public double diskBytes() {
        return measured.steps().stream().mapToLong(Step::diskBytes).sum() * factor();
    }

    /** Of the step that shuffles most; Spark clears it away behind each step. */
    public double shuffleBytes() {
        return measured.steps().stream().mapToLong(Step::shuffleBytes).max().orElse(0) * factor();
    }

    public double coreHours(Step step) {
        return step.taskSeconds() * factor() / SECONDS_AN_HOUR;
    }

    public double coreHours() {
        return measured.steps().stream().mapToDouble(this::coreHours).sum();
    }

    /** By the clock. */
    public double seconds() {
        return coreHours() / cores * SECONDS_AN_HOUR;
    }

    /** For people. */
    public List<String> text() {
        List<String> lines = new ArrayList<>();
        lines.add(line(
                "%s: %s in files; sample: %d of %d files, %s, %s of it",
                name,
                bytes(totalBytes),
                sample.files().size(),
                sample.allFiles(),
                bytes((double) sample.bytes()),
                percent(1 / factor())));
        lines.add("");
        lines.add(line(
                "%-22s %12s %12s %10s %12s %12s %12s",
                "step", "documents", "of", "MB/s", "core-hours", "text", "disk"));
        for (Step step : measured.steps()) {
            lines.add(line(
                    "%-22s %12s %12s %10s %12s %12s %12s",
                    step.name(),
                    count(Math.round(step.documentsOut() * factor())),
                    count(Math.round(step.documentsIn() * factor())),
                    digits(step.bytesOut() * 1e-6 / step.taskSeconds()),
                    digits(coreHours(step)),
                    bytes(step.bytesOut() * factor()),
                    bytes(step.diskBytes() * factor())));
        }
        lines.add("");
        lines.add(line("tokens: %s of %s", count(Math.round(tokens())), tokenizer));
        lines.add(line(
                "disk: %s, of which shards %s (%s bytes a token); scratch for the largest shuffle %s",
                bytes(diskBytes()), bytes(shardBytes()), digits(shardBytes() / tokens()), bytes(shuffleBytes())));
        lines.add(line("core-hours: %s", digits(coreHours())));
        lines.add(line("by the clock: %s with %d cores", duration(seconds()), cores));
        lines.add("");
        lines.add("Assumptions:");
        assumptions().forEach(assumption -> lines.add("  - " + assumption));
        return lines;
    }

    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values).stripTrailing();
    }

    List<String> assumptions() {
        return List.of(
                "the other files are like those of the sample, which the hashes of their names have chosen; everything"
                        + " grows in proportion to the bytes of the files, " + digits(factor())
                        + " times the sample",
                "a sample finds the duplicates within itself only: the whole corpus has at least that share of them, so"
                        + " documents, tokens and disk behind these steps are upper bounds",
                "sorting grows a little faster than in proportion; the components of near duplicates take more rounds in"
                        + " a larger corpus",
                "a core is one of this machine's; seconds are those of tasks on one core, the second time, when Java had"
                        + " compiled the code; other work on this machine makes them too many",
                "all " + cores + " cores have work until the end, which takes several files or parts of archives for"
                        + " each of them; starting, scheduling and the driver's own work take no time",
                "files are read and shuffled as fast as from this machine's disk",
                "MB/s are of the text that a step keeps; disk is for what steps keep and what they remove; before the"
                        + " first step come the files themselves");
    }

    /** For programs: the same figures unrounded. */
    public ObjectNode json() {
        ObjectNode root = new ObjectMapper()
                .createObjectNode()
                .put("name", name)
                .put("total-bytes", totalBytes)
                .put("sample-bytes", sample.bytes())
                .put("sample-files", sample.files().size())
                .put("files", sample.allFiles())
                .put("tokenizer", tokenizer)
                .put("tokens", tokens())
                .put("disk-bytes", diskBytes())
                .put("shard-bytes", shardBytes())
                .put("shuffle-bytes", shuffleBytes())
                .put("core-hours", coreHours())
                .put("cores", cores)
                .put("seconds", seconds());
        ArrayNode steps = root.putArray("steps");
        for (Step step : measured.steps()) {
            steps.addObject()
                    .put("step", step.name())
                    .put("documents-in", step.documentsIn() * factor())
                    .put("documents-out", step.documentsOut() * factor())
                    .put("text-bytes", step.bytesOut() * factor())
                    .put("disk-bytes", step.diskBytes() * factor())
                    .put("core-hours", coreHours(step));
        }
        assumptions().forEach(root.putArray("assumptions")::add);
        return root;
    }
}
