package org.hopespark.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.data.shard.Packing;
import org.hopespark.data.shard.PartReport;
import org.hopespark.data.shard.PartTokenizer;
import org.hopespark.data.shard.SmallData;
import org.hopespark.data.source.InputFile;
import org.hopespark.data.source.InputPart;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.data.tokenizer.Tokenizers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InputCountTest {
    @TempDir
    private Path folder;

    private Path file(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private void zip(String name, String entry) throws IOException {
        try (OutputStream out = Files.newOutputStream(folder.resolve(name));
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry(entry));
            zip.write("text".getBytes(StandardCharsets.UTF_8));
        }
    }

    private static List<InputCount> counts(Input... inputs) {
        List<InputFile> files = InputFile.list(List.of(inputs), SmallData.STORAGE);
        List<PartReport> reports = new ArrayList<>();
        Packing packing = Packing.of(64, 8, 1, 0, 1);
        for (InputFile file : files) {
            for (InputPart part : file.parts(2)) {
                try (Tokenizer bytes = Tokenizers.of("bytes", SmallData.STORAGE);
                        PartTokenizer all = new PartTokenizer(
                                part, SmallData.STORAGE, List.of(), bytes, packing, lane -> true, Long.MAX_VALUE)) {
                    all.forEachRemaining(row -> {});
                    reports.add(all.report());
                }
            }
        }
        return InputCount.of(files, reports);
    }

    @Test
    void inputsThatGaveNothingAreNamedWithTheReason() throws IOException {
        file("good/a.jsonl", "{\"text\": \"a\"}\n");
        file("bad/a.jsonl", "{\"text\": 1}\nno\n");
        file("bad/b.txt", "");
        file("blank/a.jsonl", "\n\n");
        zip("code.zip", "A.class");
        Input java = new Input(folder.resolve("code.zip").toString(), "", Format.AUTO, "text", "id", "**/*.java");

        List<InputCount> counts = counts(
                Input.at(folder.resolve("good").toString()),
                Input.at(folder.resolve("bad").toString()),
                Input.at(folder.resolve("blank").toString()),
                java);

        assertThat(InputCount.silentInputs(counts))
                .containsExactlyInAnyOrder(
                        "nothing of the input " + folder
                                + "/bad could be read (1 of jsonl with 15 bytes: 2 corrupt; 1 of"
                                + " text with 0 bytes: 1 empty)",
                        "nothing of the input " + folder + "/blank could be read (1 of jsonl with 2 bytes: no row)",
                        "nothing of the input " + folder + "/code.zip could be read (1 of archive with "
                                + Files.size(folder.resolve("code.zip")) + " bytes: no entry matches **/*.java)");
        assertThat(InputCount.silentFormats(counts)).isEmpty();
    }

    @Test
    void aFormatThatGaveNothingIsNamedAmongOthers() throws IOException {
        file("mixed/a.jsonl", "{\"text\": \"a\"}\n");
        file("mixed/b.jsonl", "no\n");
        file("mixed/c.warc", "no\n");
        file("mixed/d.txt", "");

        List<InputCount> counts = counts(Input.at(folder.resolve("mixed").toString()));

        assertThat(InputCount.silentInputs(counts)).isEmpty();
        assertThat(InputCount.silentFormats(counts))
                .containsExactly("of the input " + folder
                        + "/mixed no file of this kind could be read: 1 of warc with 3 bytes: 1 corrupt");
    }
}
