package org.hopespark.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.jobs.run.TextFiles;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.PrefixPolicy;
import org.hopespark.model.eval.TaskResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultFilesTest {
    private static final String CHECKPOINT = "ftp://user:SEKRET@host/run/checkpoints/step-00000004";

    @Test
    void aPasswordInTheUriOfACheckpointIsInNoResult(@TempDir Path folder) throws IOException {
        TaskResult result = new TaskResult(
                "piqa", 1, "acc", "", 0.5, Double.NaN, 2, 0.5, 64, PrefixPolicy.WHEN_EMPTY, "float32", "bytes");
        Cell cell = new Cell(CHECKPOINT, CHECKPOINT, "piqa", "", "", EvaluationSettings.DEFAULT, "", "");
        FinishedCell finished = new FinishedCell(
                new Hashes("k", "c", "d", "t"), cell, "2026-01-01T00-00-00.000000", 1, List.of(result));
        new ResultFiles(new org.apache.hadoop.fs.Path(folder.toUri()), new TextFiles(new Configuration()))
                .writePages(
                        List.of(finished),
                        List.of(new EvaluatedModel(CHECKPOINT, "c", CHECKPOINT, Optional.empty())),
                        List.of("piqa on " + CHECKPOINT + " failed"));
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.filter(file -> !file.getFileName().toString().startsWith(".")))
                    .hasSize(3)
                    .allSatisfy(file -> assertThat(Files.readString(file))
                            .contains("user:***@host")
                            .doesNotContain("SEKRET"));
        }
        assertThat(HarnessResults.results(CHECKPOINT, List.of(finished))).doesNotContain("SEKRET");
    }
}
