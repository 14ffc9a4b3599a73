package org.hopespark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.conf.UserException;
import org.hopespark.data.filter.FilteredPart;
import org.hopespark.data.shard.SmallData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TextColumnsTest {
    @TempDir
    private Path folder;

    private List<InputFile> files() {
        return InputFile.list(List.of(SmallData.input(folder)), SmallData.STORAGE);
    }

    private void require() {
        TextColumns.require(files(), SmallData.STORAGE);
    }

    @Test
    void filesWithoutTheColumnAreNamedWithTheColumnsTheyHave() throws IOException {
        Files.writeString(folder.resolve("a.jsonl"), "{\"id\": 1, \"text\": \"a\"}\n");
        Files.writeString(folder.resolve("b.jsonl"), "{\"uid\": 1, \"content\": \"b\", \"meta\": {\"text\": 1}}\n");
        parquet(folder.resolve("c.parquet"), "Text", 1);

        assertThatThrownBy(this::require)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("b.jsonl has no column of texts 'text' (it has uid, content, meta): give"
                        + " --text-column content, or text-column: content at its input")
                .hasMessageContaining("c.parquet has no column of texts 'text' (it has Text): give --text-column Text")
                .hasMessageNotContaining("a.jsonl");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nope\n",
                "{}\n",
                "{\"text\": null}\n{\"content\": \"b\"}\n",
                "{\"content\": \"b\"}\nnope\n{\"text\": \"b\"}\n",
                "{\"content\": \"b"
            })
    void badRowsAreNotAMistakeInTheSettings(String lines) throws IOException {
        Files.writeString(folder.resolve("a.jsonl"), lines);
        Files.writeString(folder.resolve("b.jsonl.gz"), "no gzip");
        Files.writeString(folder.resolve("c.parquet"), "no Parquet");

        assertThatCode(this::require).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"my text", "a=b", "text (en)", "a;b", "a,b", "{a}", "ü.text", "optional"})
    void aColumnOfAParquetFileMayHaveAnyName(String column) throws IOException {
        Path file = folder.resolve("a.parquet");
        parquet(file, column, 2);
        Input input = new Input(file.toString(), "", Format.AUTO, column, "id", "**");

        TextColumns.require(InputFile.list(List.of(input), SmallData.STORAGE), SmallData.STORAGE);
        assertThat(SmallData.read(input)).extracting(Document::text).containsExactly("text 0", "text 1");
    }

    @Test
    void aParquetFileThatIsBadCountsItsRows() throws IOException {
        parquet(folder.resolve("a.parquet"), "content", 7);
        InputPart whole = files().get(0).parts(1).get(0);
        try (FilteredPart part = new FilteredPart(whole, SmallData.STORAGE, List.of(), 7, FilteredPart.Removals.NONE)) {
            assertThat(part.hasNext()).isFalse();
            assertThat(part.bad()).isEqualTo(7);
            assertThat(part.counts().get(0).removed()).containsEntry("corrupt", 7L);
        }
        try (FilteredPart part = new FilteredPart(whole, SmallData.STORAGE, List.of(), 6, FilteredPart.Removals.NONE)) {
            assertThatThrownBy(part::hasNext).isInstanceOf(CorruptInputException.class);
        }
    }

    private static void parquet(Path file, String column, int rows) throws IOException {
        MessageType schema =
                new MessageType("m", Types.required(PrimitiveTypeName.BINARY).named(column));
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(file.toUri()))
                .withType(schema)
                .build()) {
            for (int row = 0; row < rows; row++) {
                writer.write(new SimpleGroupFactory(schema).newGroup().append(column, "text " + row));
            }
        }
    }
}
