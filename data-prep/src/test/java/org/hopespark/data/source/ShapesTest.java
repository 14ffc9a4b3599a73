package org.hopespark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ArrowWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.conf.UserException;
import org.hopespark.data.filter.FilteredPart;
import org.hopespark.data.io.Json;
import org.hopespark.data.shard.SmallData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What corpora usually look like. */
final class ShapesTest {
    @TempDir
    private Path folder;

    private Path write(String name, byte[] bytes) throws IOException {
        Path path = folder.resolve(name);
        Files.createDirectories(path.getParent());
        return Files.write(path, bytes);
    }

    private Path write(String name, String text) throws IOException {
        return write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private record Read(List<Document> documents, List<String> problems, long bad) {
        List<String> texts() {
            return documents.stream().map(Document::text).toList();
        }
    }

    private static Read read(Input input) {
        List<Document> documents = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        long bad = 0;
        List<InputFile> files = InputFile.list(List.of(input), SmallData.STORAGE);
        TextColumns.require(files, SmallData.STORAGE);
        for (InputFile file : files) {
            try (FilteredPart part = new FilteredPart(
                    file.parts(1).get(0), SmallData.STORAGE, List.of(), Long.MAX_VALUE, FilteredPart.Removals.NONE)) {
                part.forEachRemaining(documents::add);
                problems.addAll(part.badExamples());
                bad += part.bad();
            }
        }
        return new Read(documents, problems, bad);
    }

    private static Read read(Path path) {
        return read(Input.at(path.toString()));
    }

    private static Input split(Path path, String how) {
        return new Input(path.toString(), "", Format.AUTO, "text", "id", "**", how, "");
    }

    private static Input column(Path path, String column) {
        return new Input(path.toString(), "", Format.AUTO, column, "id", "**");
    }

    private static Input template(Path path, String template) {
        return new Input(path.toString(), "", Format.AUTO, "text", "id", "**", "", template);
    }

    @Test
    void aTextIsCutByItsLines() throws IOException {
        Read read = read(split(write("a.txt", "\uFEFFone\r\n\n  two \nthree"), "lines"));

        assertThat(read.documents)
                .containsExactly(
                        new Document("1", "one", "a.txt"),
                        new Document("3", "  two ", "a.txt"),
                        new Document("4", "three", "a.txt"));
    }

    @Test
    void aTextIsCutByItsBlankLines() throws IOException {
        Read read = read(split(write("a.txt", "\n\none\nmore\n \t\r\n\n\ntwo\r\nmore\n\n\n"), "blank-lines"));

        assertThat(read.documents)
                .containsExactly(new Document("1", "one\nmore", "a.txt"), new Document("2", "two\r\nmore", "a.txt"));
    }

    @ParameterizedTest
    @CsvSource({"<|endoftext|>, <|endoftext|>", "\\n***\\n, '\n***\n'", "\\t, '\t'", "aab, aab"})
    void aTextIsCutByASeparator(String given, String separator) throws IOException {
        List<String> texts = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < 4000; i++) {
            texts.add("x" + "<|end".repeat(random.nextInt(9)) + "a".repeat(random.nextInt(30)) + i + "é");
        }
        String all = "\n" + String.join("\n" + separator + "\n", texts) + "\n" + separator;

        Read read = read(split(write("a.txt", all), given));

        assertThat(read.texts()).isEqualTo(texts);
        assertThat(read.documents.get(9).id()).isEqualTo("10");
    }

    @Test
    void whatIsToBeCutIsATextWhateverItIsCalled() throws IOException {
        assertThat(read(split(write("enwik8", "<page>\na</page>\n<page>\nb</page>\n"), "</page>"))
                        .texts())
                .containsExactly("<page>\na", "<page>\nb");
        Path rows = write("rows.jsonl", "{\"text\": \"a\"}\n");
        assertThatThrownBy(() -> read(split(rows, "lines")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("--split, or split of an input, cuts texts, and none of the files of " + rows);
    }

    @Test
    void onePieceThatIsBadCostsNoOther() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes("one\n".getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes("caf\u00E9\n".getBytes(StandardCharsets.ISO_8859_1));
        bytes.writeBytes(new byte[Texts.MAX_BYTES + 1]);
        bytes.writeBytes("\nfour".getBytes(StandardCharsets.UTF_8));

        Read read = read(split(write("a.txt", bytes.toByteArray()), "lines"));

        assertThat(read.texts()).containsExactly("one", "four");
        assertThat(read.problems).hasSize(2);
        assertThat(read.problems.get(0)).contains("a.txt, line 2: not UTF-8: byte 0xE9 at offset 3");
        assertThat(read.problems.get(1)).contains("a.txt, line 3: longer than");
    }

    @Test
    void aTextThatIsTooLongSaysHowToCutIt() throws IOException {
        Path file = write("a.txt", new byte[Texts.MAX_BYTES + 1]);

        assertThat(read(file).problems).singleElement().asString().contains("--split");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
    void aByteOrderMarkNamesTheEncoding(String name) throws IOException {
        Charset charset = Charset.forName(name);
        String text = "Grüße, 𝄞! ".repeat(5000).strip();

        assertThat(read(write("a.txt", ("\uFEFF" + text).getBytes(charset))).texts())
                .containsExactly(text);
        assertThat(read(write("a.jsonl", ("\uFEFF{\"text\": \"" + text + "\"}\n").getBytes(charset)))
                        .texts())
                .containsExactly(text);
        assertThat(read(write("a.csv", ("\uFEFFtext\n\"" + text + "\"\n").getBytes(charset)))
                        .texts())
                .containsExactly(text);
        assertThat(read(write("a.json", ("\uFEFF[{\"text\": \"" + text + "\"}]").getBytes(charset)))
                        .texts())
                .containsExactly(text);
        assertThat(read(split(write("b.txt", ("\uFEFF" + text + "\n" + text).getBytes(charset)), "lines"))
                        .texts())
                .containsExactly(text, text);
    }

    @Test
    void aFileThatIsNotWhatItsMarkSaysIsReported() throws IOException {
        byte[] odd = {(byte) 0xFF, (byte) 0xFE, 'a', 0, 0x00, (byte) 0xDC, 'b'};

        assertThat(read(write("a.txt", odd)).problems)
                .singleElement()
                .asString()
                .contains("not UTF-16LE");
        assertThat(read(split(write("a.txt", odd), "lines")).problems).hasSize(1);
    }

    @Test
    void filesThatWereJoinedHaveMarksInTheirRows() throws IOException {
        String row = "\uFEFF{\"text\": \"a\"}\n";

        assertThat(read(write("a.jsonl", row + row)).texts()).containsExactly("a", "a");
        assertThat(read(split(write("a.txt", "\uFEFFa\n\uFEFFb\n"), "lines")).texts())
                .containsExactly("a", "b");
    }

    @Test
    void rowsOfCommaSeparatedValues() throws IOException {
        Read read = read(write(
                "a.csv",
                "id,text,n\n7,\"a, \"\"quoted\"\"\nsecond line\",1\n\n8, blank kept ,2\n,it's \"odd\",3\n9,,4\n"));

        assertThat(read.documents)
                .containsExactly(
                        new Document("7", "a, \"quoted\"\nsecond line", "a.csv"),
                        new Document("8", " blank kept ", "a.csv"),
                        new Document("3", "it's \"odd\"", "a.csv"));
        assertThat(read.problems).isEmpty();
    }

    @Test
    void tabsAndSemicolonsSeparateToo() throws IOException {
        assertThat(read(write("a.tsv", "text\tn\nGrüße, \"du\"\t1\r\n\"two\nlines\"\t2\r\n"))
                        .texts())
                .containsExactly("Grüße, \"du\"", "two\nlines");
        assertThat(read(write("b.csv", "\"n\";text\n1;a, b\n")).texts()).containsExactly("a, b");
    }

    @Test
    void oneRowThatIsBadCostsNoOther() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes("text,n\na,1\nb\nc,3,4\n".getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes("caf\u00E9,5\nd,6\n".getBytes(StandardCharsets.ISO_8859_1));

        Read read = read(write("a.csv", bytes.toByteArray()));

        assertThat(read.texts()).containsExactly("a", "d");
        assertThat(read.problems)
                .satisfiesExactly(
                        few -> assertThat(few).contains("a.csv, row 2: it has 1 columns, and the first row names 2"),
                        many -> assertThat(many).contains("row 3: it has 3 columns"),
                        latin -> assertThat(latin).contains("row 4: not UTF-8: byte 0xE9 at offset 3"));
    }

    @Test
    void aQuoteThatNothingClosesIsReported() throws IOException {
        Read read = read(write("a.csv", "n,text\n1,a\n2,\"b\n3,c\n4,d\n"));

        assertThat(read.texts()).containsExactly("a");
        assertThat(read.problems).singleElement().asString().contains("row 2: a quoted value is never closed");
        assertThat(read(write("b.csv", "n,text\n1,5\" disk\n2,6\" disk\n3,7\" disk"))
                        .texts())
                .hasSize(3);
    }

    static Stream<String> arrays() {
        return Stream.of(
                "[{\"id\": 7, \"text\": \"a\", \"x\": [{}, NaN]},\n {\"text\": \"b\"}, {\"text\": \"c\"}]",
                "\n[\n{\"id\": \"7\",\n\"text\": \"a\"}\n,\n{\"text\": \"b\"},{\"text\": \"c\"}\n]\n",
                "{\"id\": 7, \"text\": \"a\"}\n{\"text\": \"b\"}\n{\"text\": \"c\"}",
                "{\n\"id\": 7,\n \"text\": \"a\"\n}\n{\n \"text\": \"b\"}\n{\"text\":\n\"c\"\n}\n",
                "[[{\"id\": 7, \"text\": \"a\"}], {\"text\": \"b\"}, {\"text\": \"c\"}]");
    }

    @ParameterizedTest
    @MethodSource("arrays")
    void objectsOfJsonAreDocuments(String json) throws IOException {
        Read read = read(write("a.json", json));

        assertThat(read.texts()).contains("b", "c");
        assertThat(read.documents.get(read.documents.size() - 1).id()).isEqualTo("3");
        if (!json.startsWith("[[")) {
            assertThat(read.documents.get(0)).isEqualTo(new Document("7", "a", "a.json"));
            assertThat(read.problems).isEmpty();
        } else {
            assertThat(read.problems).singleElement().asString().contains("object 1: not a JSON object");
        }
    }

    @Test
    void oneObjectThatIsBadCostsNoOtherAndACutIsReported() throws IOException {
        Read read = read(write("a.json", "[{\"text\": \"a\"}, 5, {\"text\": 5}, {\"text\": \"b\"}, {\"text\": \"c"));

        assertThat(read.texts()).containsExactly("a", "b");
        assertThat(read.problems)
                .satisfiesExactly(
                        number -> assertThat(number).contains("object 2: not a JSON object"),
                        text -> assertThat(text).contains("object 3: no text in column 'text'"),
                        cut -> assertThat(cut).contains("object 5: truncated or damaged"));
    }

    @Test
    void nestedColumnsHavePointsInTheirNames() throws IOException {
        Path lines =
                write("a.jsonl", "{\"a\": {\"x\": 1, \"b\": {\"c\": \"deep\"}}}\n{\"a.b.c\": \"flat\", \"a\": {}}\n");

        assertThat(read(column(lines, "a.b.c")).texts()).containsExactly("deep", "flat");
        assertThat(read(column(parquet(), "meta.body")).texts()).containsExactly("nested 0", "nested 1");
        assertThat(read(column(arrow("a.arrow"), "meta.body")).texts()).containsExactly("nested 0", "nested 1");
        assertThatThrownBy(() -> read(lines))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a.jsonl has no column of texts 'text' (it has a, a.x, a.b, a.b.c");
    }

    @Test
    void severalColumnsAreJoinedByATemplate() throws IOException {
        Input lines = template(
                write(
                        "a.jsonl",
                        "{\"t\": \"T\", \"n\": 1.50, \"m\": {\"b\": \"B\"}}\n{\"t\": null}\n{\"m\": {\"b\": \"C\"}}\n"),
                "# {t}\\n\\n{m.b} ({n})");
        Read read = read(lines);
        assertThat(read.texts()).containsExactly("# T\n\nB (1.50)", "# \n\nC ()");
        assertThat(read.problems)
                .singleElement()
                .asString()
                .contains("line 2: nothing in any of the columns t, m.b, n");

        assertThat(read(template(write("b.csv", "a,b\n1,x\n2,\n"), "{b}: {a}")).texts())
                .containsExactly("x: 1", ": 2");
        assertThat(read(template(parquet(), "{text}, {meta.body}, {n}")).texts())
                .containsExactly("text 0, nested 0, 0", "text 1, nested 1, 1");
        assertThat(read(template(arrow("a.arrow"), "{text}, {meta.body}, {n}")).texts())
                .containsExactly("text 0, nested 0, 0", "text 1, nested 1, 1");
    }

    @Test
    void aTemplateThatCannotBeRightIsRefused() throws IOException {
        Path lines = write("a.jsonl", "{\"title\": \"T\", \"body\": \"B\"}\n");

        assertThatThrownBy(() -> template(lines, "title"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must name columns in braces");
        assertThatThrownBy(() -> new Input(lines.toString(), "", Format.AUTO, "body", "id", "**", "", "{body}"))
                .hasMessageContaining("exclude each other");
        assertThatThrownBy(() -> read(template(lines, "{title} {boddy}")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has not all the columns of the template, title, boddy (it has title, body)");
    }

    @Test
    void arrowStreamsAreReadAndTheOtherFormatIsRefusedInWords() throws IOException {
        assertThat(read(arrow("a.arrow")).documents)
                .containsExactly(new Document("1", "text 0", "a.arrow"), new Document("2", "text 1", "a.arrow"));
        assertThat(read(column(arrow("a.arrow"), "large")).texts()).containsExactly("large 0", "large 1");
        assertThatThrownBy(() -> read(column(arrow("a.arrow"), "n")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a.arrow has no column of texts 'n'");
        assertThat(read(arrowFile()).problems)
                .singleElement()
                .asString()
                .contains("Arrow's random access format, of which only the streaming format is read");
    }

    @Test
    void aCutArrowStreamIsReportedAndGivesWhatCameBefore() throws IOException {
        byte[] whole = Files.readAllBytes(arrow("a.arrow"));
        for (int length = 1; length < whole.length; length++) {
            Path cut = write("b.arrow", java.util.Arrays.copyOf(whole, length));
            Read read = read(cut);
            assertThat(read.bad).as("cut after byte %d", length).isPositive();
        }
        assertThat(read(write("b.arrow", java.util.Arrays.copyOf(whole, whole.length - 8)))
                        .texts())
                .containsExactly("text 0", "text 1");
    }

    @Test
    void whatDescribesADataSetIsNoDocument() throws IOException {
        write("hf/README.md", "---\nlicense: mit\n---\n");
        write("hf/LICENSE", "MIT");
        write("hf/.gitattributes", "*");
        write("hf/dataset_infos.json", "{}");
        write("hf/data/train.jsonl", "{\"text\": \"a\"}\n");
        write("hf/data/train.lock", "");
        write("hf/data/README.md", "a text below the card");
        List<String> told = new ArrayList<>();

        List<InputFile> files =
                InputFile.list(List.of(Input.at(folder.resolve("hf").toString())), SmallData.STORAGE, told::add);

        assertThat(files).extracting(InputFile::name).containsExactly("hf/data/README.md", "hf/data/train.jsonl");
        assertThat(told)
                .containsExactly(
                        "passed over in " + folder + "/hf/ (describes the data set; an input of its own reads it):"
                                + " LICENSE, README.md, data/train.lock, dataset_infos.json");
        assertThat(read(folder.resolve("hf/README.md")).texts()).hasSize(1);
    }

    @Test
    void aFolderOfTextsKeepsItsReadme() throws IOException {
        write("notes/README.md", "a");
        write("notes/b.txt", "b");
        write("notes/licence.txt", "c");

        assertThat(read(folder.resolve("notes")).texts()).containsExactly("a", "b");
    }

    @Test
    void manifestsOfFilesThatAreReadAsBeforeAreAsBefore() throws IOException {
        InputFile file = InputFile.list(List.of(Input.at(write("a.txt", "a").toString())), SmallData.STORAGE)
                .get(0);
        String json = new String(Json.write(file.source(SmallData.STORAGE)), StandardCharsets.UTF_8);

        assertThat(json)
                .isEqualTo(
                        "{\"bytes\":1,\"entries\":\"**\",\"format\":\"TEXT\",\"id-column\":\"id\",\"name\":\"a.txt\","
                                + "\"sha256\":\"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb\",\"text-column\":"
                                + "\"text\"}\n");
        assertThat(Json.read(json.getBytes(StandardCharsets.UTF_8), SourceFile.class))
                .isEqualTo(file.source(SmallData.STORAGE));
        SourceFile cut = InputFile.list(List.of(split(folder.resolve("a.txt"), "lines")), SmallData.STORAGE)
                .get(0)
                .source(SmallData.STORAGE);
        assertThat(Json.read(Json.write(cut), SourceFile.class)).isEqualTo(cut);
        assertThat(cut).isNotEqualTo(file.source(SmallData.STORAGE));
    }

    private Path parquet() throws IOException {
        Path file = folder.resolve("a.parquet");
        Files.deleteIfExists(file);
        MessageType schema = MessageTypeParser.parseMessageType("message m { required binary text (STRING);"
                + " optional group meta { optional binary body (STRING); optional int32 other; } required int64 n; }");
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(file.toUri()))
                .withType(schema)
                .build()) {
            for (int row = 0; row < 2; row++) {
                Group group = new SimpleGroupFactory(schema).newGroup().append("text", "text " + row);
                group.addGroup("meta").append("body", "nested " + row);
                group.append("n", (long) row);
                writer.write(group);
            }
        }
        return file;
    }

    private Path arrow(String name) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(file)) {
            writeArrow(out, false);
        }
        return file;
    }

    private Path arrowFile() throws IOException {
        Path file = folder.resolve("f.arrow");
        try (OutputStream out = Files.newOutputStream(file)) {
            writeArrow(out, true);
        }
        return file;
    }

    private static void writeArrow(OutputStream out, boolean randomAccess) throws IOException {
        try (RootAllocator memory = new RootAllocator();
                VarCharVector text = new VarCharVector("text", memory);
                LargeVarCharVector large = new LargeVarCharVector("large", memory);
                StructVector meta = StructVector.empty("meta", memory);
                BigIntVector n = new BigIntVector("n", memory)) {
            VarCharVector body = meta.addOrGet("body", FieldType.nullable(new ArrowType.Utf8()), VarCharVector.class);
            VectorSchemaRoot root = new VectorSchemaRoot(List.<FieldVector>of(text, large, meta, n));
            try (ArrowWriter writer = randomAccess
                    ? new ArrowFileWriter(root, null, java.nio.channels.Channels.newChannel(out))
                    : new ArrowStreamWriter(root, null, out)) {
                for (int row = 0; row < 2; row++) { // a batch each
                    text.allocateNew();
                    text.setSafe(0, ("text " + row).getBytes(StandardCharsets.UTF_8));
                    large.allocateNew();
                    large.setSafe(0, ("large " + row).getBytes(StandardCharsets.UTF_8));
                    body.allocateNew();
                    body.setSafe(0, ("nested " + row).getBytes(StandardCharsets.UTF_8));
                    meta.setIndexDefined(0);
                    n.allocateNew();
                    n.setSafe(0, row);
                    root.setRowCount(1);
                    writer.writeBatch();
                }
                writer.end();
            }
        }
    }
}
