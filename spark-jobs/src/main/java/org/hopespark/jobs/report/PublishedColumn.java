package org.hopespark.jobs.report;

import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.hopespark.jobs.progress.Units;

/**
 * A column of Nested Learning, Table 2.
 *
 * @param head of the column
 * @param task whose figure it is
 * @param metric of the task
 * @param of760m figure of Hope of 760M parameters
 * @param of1300m figure of Hope of 1.3B parameters
 */
record PublishedColumn(String head, String task, String metric, double of760m, double of1300m) {
    private static final String FILE = "published/nested-learning-table-2.csv";

    /** All columns, in the order of the paper. */
    static List<PublishedColumn> all() {
        CsvParserSettings settings = new CsvParserSettings();
        settings.setHeaderExtractionEnabled(true);
        try (InputStream in = Objects.requireNonNull(
                PublishedColumn.class.getResourceAsStream(FILE), () -> "the jar must hold " + FILE)) {
            return new CsvParser(settings)
                    .parseAllRecords(in, StandardCharsets.UTF_8).stream()
                            .map(row -> new PublishedColumn(
                                    row.getString("head"),
                                    row.getString("task"),
                                    row.getString("metric"),
                                    row.getDouble("hope-760m"),
                                    row.getDouble("hope-1.3b")))
                            .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String format(double value) {
        return isPerplexity() ? Units.fixed(value, 2) : Units.fixed(100 * value, 1);
    }

    boolean isPerplexity() {
        return metric.endsWith("perplexity");
    }
}
