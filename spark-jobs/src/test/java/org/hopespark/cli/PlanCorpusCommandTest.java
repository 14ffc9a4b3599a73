package org.hopespark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.data.source.InputFile;
import org.hopespark.jobs.corpus.MeasuredPipeline.Result;
import org.hopespark.jobs.corpus.MeasuredPipeline.Step;
import org.hopespark.jobs.plan.CorpusPlan;
import org.hopespark.jobs.plan.CorpusSample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class PlanCorpusCommandTest {
    @TempDir
    private Path folder;

    private static InputFile file(String name, long bytes) {
        return new InputFile(name, name, Format.JSONL, Input.at(name), bytes, 0, "");
    }

    /** 20 MB of 80 MB in two steps of 36 and 18 task seconds. */
    private static CorpusPlan plan(double totalBytes, int cores) {
        CorpusSample sample = new CorpusSample(List.of(file("a", 20_000_000)), 20_000_000, 4, 80_000_000);
        List<Step> steps = List.of(
                new Step("1-filter", 1_000, 900, 50_000_000, 16_000_000, 40, 36, 0),
                new Step("prepare", 900, 900, 50_000_000, 14_000_000, 20, 18, 15_000_000));
        return new CorpusPlan("c.yaml", sample, new Result(steps, 12_000_000, 14_000_000), totalBytes, cores, "gpt2");
    }

    @Test
    void everythingGrowsInProportionToTheFiles() {
        CorpusPlan plan = plan(80_000_000_000., 8);

        assertThat(plan.factor()).isEqualTo(4_000);
        assertThat(plan.tokens()).isEqualTo(48e9);
        assertThat(plan.shardBytes()).isEqualTo(56e9);
        assertThat(plan.diskBytes()).isEqualTo(120e9);
        assertThat(plan.shuffleBytes()).isEqualTo(60e9);
        assertThat(plan.coreHours()).isCloseTo(60, within(1e-9));
        assertThat(plan.seconds()).isCloseTo(7.5 * 3600, within(1e-6));
        assertThat(plan.text())
                .contains(
                        "tokens: 48,000,000,000 of gpt2",
                        "core-hours: 60",
                        "by the clock: 7 h 30 min with 8 cores",
                        "disk: 120 GB, of which shards 56 GB (1.17 bytes a token); scratch for the largest shuffle 60 GB")
                .anySatisfy(line -> assertThat(line).contains("4,000 times the sample"))
                .anySatisfy(line -> assertThat(line).contains("upper bounds"));
    }

    @Test
    void aSampleIsWholeFilesUpToItsSizeWhateverTheirOrder() {
        List<InputFile> files = new ArrayList<>(IntStream.range(0, 10)
                .mapToObj(i -> file("part-" + i, 1_000 + i))
                .toList());

        CorpusSample sample = CorpusSample.of(files, 3_500);
        java.util.Collections.reverse(files);

        assertThat(sample.files()).hasSize(3);
        assertThat(sample.bytes()).isBetween(3_000L, 3_500L);
        assertThat(sample.allBytes()).isEqualTo(10_045);
        assertThat(CorpusSample.of(files, 3_500)).isEqualTo(sample);
        assertThat(CorpusSample.of(files, 1).files()).hasSize(1);
    }

    @Test
    void aPlanOfAllFilesIsWhatTheyBecome() throws IOException {
        Path corpus = Files.createDirectories(folder.resolve("corpus"));
        for (int file = 0; file < 2; file++) {
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                // the last ten of each file repeat the first ten
                lines.add("{\"id\": \"" + i + "\", \"text\": \"" + text(100 * file + i % 40) + "\"}");
            }
            Files.write(corpus.resolve(file + ".jsonl"), lines);
        }
        Path config = folder.resolve("corpus.yaml");
        Files.writeString(config, "steps: [filter: {stages: [normalise]}, exact-duplicates]\n");
        Path json = folder.resolve("plan.json");
        StringWriter out = new StringWriter();

        PlanCorpusCommand command = new PlanCorpusCommand();
        CommandLine line = new CommandLine(command).setOut(new PrintWriter(out));
        line.parseArgs(
                "--config=" + config,
                "--input=" + corpus,
                "--total=1GB",
                "--cores=4",
                "--json=" + json,
                "--tokenizer=bytes");
        assertThat(command.call()).isZero();

        JsonNode plan = new ObjectMapper().readTree(Files.readString(json));
        double factor = 1e9 / plan.get("sample-bytes").asDouble();
        assertThat(plan.get("sample-files").asInt()).isEqualTo(2);
        assertThat(plan.get("steps"))
                .extracting(step -> step.get("step").asText())
                .containsExactly("1-filter", "2-exact-duplicates", "prepare");
        assertThat(plan.get("steps").get(1).get("documents-out").asDouble() / factor)
                .isCloseTo(80, within(1e-6));
        // a byte is a token, and each document has two marks
        assertThat(plan.get("tokens").asDouble() / factor)
                .isCloseTo(plan.get("steps").get(1).get("text-bytes").asDouble() / factor + 2 * 80, within(1e-3));
        assertThat(plan.get("steps"))
                .allSatisfy(step -> assertThat(step.get("core-hours").asDouble())
                        .as(step.toString())
                        .isPositive());
        assertThat(out.toString()).contains("sample: 2 of 2 files", "with 4 cores");
    }

    @Test
    void quantitiesWithoutUnitsAreRefused() throws IOException {
        Path config = folder.resolve("corpus.yaml");
        Files.writeString(config, "inputs: [{path: '" + config + "', format: text}]\nsteps: [exact-duplicates]\n");
        PlanCorpusCommand command = new PlanCorpusCommand();
        new CommandLine(command).parseArgs("--config=" + config, "--total=40");

        assertThatThrownBy(command::call).hasMessageContaining("--total '40' has no unit");
    }

    private static String text(int seed) {
        return IntStream.range(0, 30)
                .mapToObj(i -> "w" + (seed * 31 + i))
                .toList()
                .toString()
                .replaceAll("[\\[\\],]", "");
    }
}
