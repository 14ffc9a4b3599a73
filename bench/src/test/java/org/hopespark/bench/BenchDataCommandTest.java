package org.hopespark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.hopespark.data.source.Document;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class BenchDataCommandTest {
    @TempDir
    private Path folder;

    @Test
    @Tag("slow")
    void everyPartOfTheWayFromFilesToBatchesHasAFigure() throws IOException {
        Path input = folder.resolve("words.txt");
        Files.writeString(input, words(8_000));
        Path json = folder.resolve("figures.json");
        StringWriter out = new StringWriter();

        int exit = new CommandLine(new BenchDataCommand())
                .setOut(new PrintWriter(out))
                .execute("--input=" + input, "--code=" + input, "--multilingual=" + input, "--json=" + json);

        assertThat(exit).isZero();
        JsonNode rows = new ObjectMapper().readTree(Files.readString(json));
        assertThat(rows)
                .extracting(row -> row.get("name").asText())
                .contains(
                        "read jsonl.xz",
                        "read warc, text out of web pages",
                        "filter decontaminate",
                        "filters together",
                        "exact-duplicates, end to end",
                        "near-duplicates (MinHash), end to end",
                        "tokenize gpt2, English",
                        "tokenize gpt2, of Hugging Face's library, code",
                        "text gpt2, multilingual",
                        "write shard gpt2",
                        "read batches gpt2",
                        "verify gpt2",
                        "open and seek to the last step gpt2",
                        "Parquet gpt2");
        assertThat(rows)
                .allSatisfy(row -> assertThat(row.get("value").asDouble())
                        .as(row.toString())
                        .isPositive());
        assertThat(out.toString())
                .containsPattern(
                        "\\| filters together, but language \\| [\\d.]+ \\| MB/s \\| 15 \\| (not )?reached \\|");
    }

    @Test
    void pagesAreTheWholeTextAndNeverPartAPairOfSurrogates() {
        String text = "ab\uD83D\uDE00".repeat(5);

        List<Document> pages = Sample.pages(List.of(new Document("1", text, "a.txt")), 3);

        assertThat(pages).extracting(Document::text).startsWith("ab\uD83D\uDE00", "ab\uD83D\uDE00");
        assertThat(String.join("", pages.stream().map(Document::text).toList())).isEqualTo(text);
    }

    private static String words(int count) {
        Random random = new Random(1);
        List<String> words = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            words.add(Integer.toString(random.nextInt(10_000), 36) + (i % 12 == 11 ? ".\n" : ""));
        }
        return String.join(" ", words);
    }
}
