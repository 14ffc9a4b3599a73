package org.hopespark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.hopespark.data.source.Document;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataBenchmarksTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    @Tag("slow")
    void benchmarksGiveOneRowANumber() {
        List<DataBenchmarks.Result> results =
                DataBenchmarks.run(List.of(new Document("1", "Call me Ishmael. ".repeat(20_000), "whales")), folder);

        assertThat(results)
                .hasSize(21)
                .allSatisfy(
                        result -> assertThat(result.value()).as(result.name()).isPositive());
    }
}
