package org.hopespark.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/** The rows of {@code bench model} for people, in Markdown, and what they say about the goals. */
final class ModelTable {
    /** Hope whose backward pass recomputes blocks. */
    static final String RECOMPUTED = "Hope, recomputed";

    private static final double MEGA = 1e-6;
    private static final double FLAT = 1.1;

    private ModelTable() {}

    /** The table, and what it says about the goals. */
    static List<String> lines(Iterable<JsonNode> rows) {
        List<String> lines = table(rows);
        lines.add("");
        lines.addAll(goals(rows));
        return lines;
    }

    static List<String> table(Iterable<JsonNode> rows) {
        List<String> lines = new ArrayList<>(List.of(
                "| model | context | parameters | tokens/s | GFLOP/s | of peak | forward, ms | backward, ms | optimizer, ms"
                        + " | its share | built, MB | peak, MB | arrays | calls |",
                "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"));
        rows.forEach(row -> lines.add(line(row)));
        return lines;
    }

    private static String line(JsonNode row) {
        String name =
                "| " + row.get("model").asText() + " | " + row.get("context").asInt() + " | ";
        if (row.has("failure")) {
            return name + "failed: " + row.get("failure").asText() + " |";
        }
        double step = value(row, "stepSeconds");
        double forward = value(row, "forwardSeconds");
        double optimizer = value(row, "optimizerSeconds");
        return name
                + String.format(
                        Locale.ROOT,
                        "%,d | %.1f | %.1f | %.2f | %.0f | %.0f | %.1f | %.1f %% | %.0f | %.0f | %d | %d |",
                        row.get("parameters").asLong(),
                        value(row, ModelCell.TOKENS_PER_SECOND),
                        value(row, "flopsPerSecond") * 1e-9,
                        value(row, "flopsPerSecond") / value(row, "peakFlopsPerSecond"),
                        forward * 1e3,
                        (step - forward) * 1e3,
                        optimizer * 1e3,
                        100 * optimizerShare(row),
                        value(row, "builtBytes") * MEGA,
                        value(row, "peakBytes") * MEGA,
                        row.get("liveArrays").asLong(),
                        row.get("calls").asLong());
    }

    private static double value(JsonNode row, String name) {
        return row.get(name).asDouble();
    }

    private static List<String> goals(Iterable<JsonNode> rows) {
        TreeSet<Integer> contexts = new TreeSet<>();
        rows.forEach(row -> contexts.add(row.get("context").asInt()));
        List<String> lines = new ArrayList<>();
        for (String hope : List.of("Hope", RECOMPUTED)) {
            for (int context : contexts) {
                lines.add(comparison(rows, hope, context));
            }
            double flat = rate(rows, hope, contexts.first()) / rate(rows, hope, contexts.last());
            lines.add(String.format(
                    Locale.ROOT,
                    "cost of a token of %s, context %d over %d: %.2f (goal: flat, at most %.1f: %s)",
                    hope,
                    contexts.last(),
                    contexts.first(),
                    flat,
                    FLAT,
                    reached(flat <= FLAT)));
        }
        double optimizer = Double.NaN;
        for (JsonNode row : rows) {
            optimizer = row.has("failure") || optimizer >= optimizerShare(row) ? optimizer : optimizerShare(row);
        }
        lines.add(String.format(
                Locale.ROOT,
                "largest share of the optimizer: %.1f %% (goal: under 5 %%: %s)",
                100 * optimizer,
                reached(optimizer < 0.05)));
        return lines;
    }

    private static String comparison(Iterable<JsonNode> rows, String hope, int context) {
        double ratio = rate(rows, hope, context) / rate(rows, "Transformer++", context);
        double goal = context >= 8192 ? 1 : 0.7;
        return String.format(
                Locale.ROOT,
                "%s / Transformer++ at %d: %.2f of the tokens/s%s",
                hope,
                context,
                ratio,
                context < 2048 ? "" : " (goal " + goal + ": " + reached(ratio >= goal) + ")");
    }

    private static double optimizerShare(JsonNode row) {
        double optimizer = value(row, "optimizerSeconds");
        return optimizer / (value(row, "stepSeconds") + optimizer);
    }

    private static String reached(boolean reached) {
        return reached ? "reached" : "not reached";
    }

    private static double rate(Iterable<JsonNode> rows, String model, int context) {
        for (JsonNode row : rows) {
            if (row.get("model").asText().equals(model)
                    && row.get("context").asInt() == context
                    && row.has(ModelCell.TOKENS_PER_SECOND)) {
                return value(row, ModelCell.TOKENS_PER_SECOND);
            }
        }
        return Double.NaN;
    }
}
