package org.hopespark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.conf.UserException;
import org.hopespark.data.shard.BadRow;
import org.hopespark.data.shard.Packing;
import org.hopespark.data.shard.PartReport;
import org.hopespark.data.shard.PartRow;
import org.hopespark.data.shard.PartTokenizer;
import org.hopespark.data.shard.SmallData;
import org.hopespark.data.shard.TokenizedDocument;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.data.tokenizer.TokenizerFiles;
import org.hopespark.data.tokenizer.Tokenizers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentReaderTest {
    private static final String LINES = """
            {"id": "a", "text": "Grüße\\n", "meta": {"text": "not this"}}

            {"text": "no id", "other": [1, 2]}
            {"id": 7, "text": ""}
            """;

    @TempDir
    private Path folder;

    private static Input as(Path path, Format format) {
        return new Input(path.toString(), "", format, "text", "id", "**");
    }

    private Path write(String name, byte[] bytes) throws IOException {
        Path path = folder.resolve(name);
        Files.createDirectories(path.getParent());
        return Files.write(path, bytes);
    }

    private Path write(String name, String text) throws IOException {
        return write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static byte[] zstd(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new ZstdOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static byte[] bzip2(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new BZip2CompressorOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static byte[] xz(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new XZCompressorOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static String manyLines() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 5000; i++) {
            lines.append("{\"id\": \"").append(i).append("\", \"text\": \"").append("x".repeat(i % 97));
            lines.append(Integer.toHexString(i * 31)).append("\"}\n");
        }
        return lines.toString();
    }

    private List<Document> read(Path path) {
        return SmallData.read(SmallData.input(path));
    }

    @Test
    void linesOfJsonAreDocuments() throws IOException {
        assertThat(read(write("a.jsonl", LINES)))
                .containsExactly(
                        new Document("a", "Grüße\n", "a.jsonl"),
                        new Document("3", "no id", "a.jsonl"),
                        new Document("7", "", "a.jsonl"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "Infinity", "-Infinity", "9*", "[*]*", "{\"k*\": 1}"})
    void whatOtherColumnsHoldCostsNoDocument(String value) throws IOException {
        String much = value.replace("9*", "9".repeat(2000))
                .replace("[*]*", "[".repeat(5000) + "]".repeat(5000))
                .replace("k*", "k".repeat(100_000));
        assertThat(read(write("a.jsonl", "{\"id\": \"a\", \"other\": " + much + ", \"text\": \"t\"}\n")))
                .containsExactly(new Document("a", "t", "a.jsonl"));
    }

    @Test
    void compressionIsUndone() throws IOException {
        List<Document> plain = read(write("a.jsonl", manyLines()));

        assertThat(plain).hasSize(5000);
        assertThat(texts(read(write("a.jsonl.gz", gzip(manyLines()))))).isEqualTo(texts(plain));
        assertThat(texts(read(write("a.jsonl.zst", zstd(manyLines()))))).isEqualTo(texts(plain));
        assertThat(texts(read(write("a.jsonl.bz2", bzip2(manyLines()))))).isEqualTo(texts(plain));
        assertThat(texts(read(write("a.jsonl.xz", xz(manyLines()))))).isEqualTo(texts(plain));
    }

    @Test
    void filesOfSeveralCompressedFramesAreReadToTheirEnd() throws IOException {
        assertThat(read(write("a.jsonl.gz", concat(gzip(LINES), gzip(LINES))))).hasSize(6);
        assertThat(read(write("a.jsonl.zst", concat(zstd(LINES), zstd(LINES))))).hasSize(6);
        assertThat(read(write("a.jsonl.bz2", concat(bzip2(LINES), bzip2(LINES)))))
                .hasSize(6);
        assertThat(read(write("a.jsonl.xz", concat(xz(LINES), xz(LINES))))).hasSize(6);
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private static List<String> texts(List<Document> documents) {
        return documents.stream().map(Document::text).toList();
    }

    @Test
    void otherColumnsCanBeNamed() throws IOException {
        Path path = write("a.jsonl", "{\"key\": \"k\", \"body\": \"b\"}\n");

        assertThat(SmallData.read(new Input(path.toString(), "", Format.AUTO, "body", "key", "**")))
                .containsExactly(new Document("k", "b", "a.jsonl"));
    }

    @Test
    void textFilesOfAFolderAreOneDocumentEach() throws IOException {
        write("books/a.txt", "one\n");
        write("books/deep/b.txt", "two");
        write("books/.hidden.txt", "no");
        write("books/_work/c.txt", "no");

        assertThat(read(folder.resolve("books")))
                .containsExactly(
                        new Document("books/a.txt", "one\n", "books/a.txt"),
                        new Document("books/deep/b.txt", "two", "books/deep/b.txt"));
    }

    @Test
    void aPatternSelectsFiles() throws IOException {
        write("books/SOURCE", "where from");
        write("books/a.jsonl", LINES);
        write("books/b.jsonl", LINES);

        assertThat(SmallData.read(as(Path.of(folder + "/books/*.jsonl"), Format.AUTO)))
                .hasSize(6);
    }

    @Test
    void matchingEntriesOfAnArchiveAreDocumentsInHoweverManyParts() throws IOException {
        Path path = folder.resolve("sources.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
            for (int i = 0; i < 40; i++) {
                zip.putNextEntry(
                        new ZipEntry((i == 0 ? "" : "org/p" + i + "/") + "C" + i + (i % 2 == 0 ? ".java" : ".class")));
                zip.write(("class C" + i + " {" + " ".repeat(i * 10) + "}\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        Input input = new Input(path.toString(), "", Format.AUTO, "text", "id", "**/*.java");

        List<Document> whole = SmallData.read(input);

        assertThat(whole).hasSize(20).contains(new Document("C0.java", "class C0 {}\n", "sources.jar"));
        InputFile file = InputFile.list(List.of(input), SmallData.STORAGE).get(0);
        List<Document> parts = new ArrayList<>();
        for (int part = 0; part < 7; part++) {
            parts.addAll(SmallData.read(new InputPart(file, part, 7)));
        }
        assertThat(parts).isEqualTo(whole);
    }

    /** Which compresses to next to nothing, and would be copied thrice before anybody looked at its length. */
    @Test
    void aTextOfAParquetFileThatIsTooLongIsLeftOutAlone() throws IOException {
        Path path = folder.resolve("a.parquet");
        MessageType schema = MessageTypeParser.parseMessageType(
                "message m { required binary text (UTF8); required binary id (UTF8); }");
        SimpleGroupFactory rows = new SimpleGroupFactory(schema);
        Binary huge = Binary.fromConstantByteArray(new byte[Texts.MAX_BYTES + 1]);
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(path.toString()))
                .withType(schema)
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .build()) {
            writer.write(rows.newGroup().append("text", "one").append("id", "1"));
            writer.write(rows.newGroup().append("text", huge).append("id", "2"));
            writer.write(rows.newGroup().append("text", "three").append("id", huge));
            writer.write(rows.newGroup().append("text", "four").append("id", "4"));
        }
        assertThat(Files.size(path)).isLessThan(1 << 16);
        try (DocumentReader reader = open(path)) {
            assertThat(reader.next()).map(Document::text).contains("one");
            assertThatThrownBy(reader::next)
                    .isInstanceOf(CorruptInputException.class)
                    .hasMessageContaining("a.parquet, row 2: longer than 67108864 bytes");
            assertThatThrownBy(reader::next)
                    .isInstanceOf(CorruptInputException.class)
                    .hasMessageContaining("a.parquet, row 3, column id: longer than 67108864 bytes");
            assertThat(reader.next()).map(Document::text).contains("four");
            assertThat(reader.next()).isEmpty();
        }
    }

    @Test
    void aColumnOfAParquetFileHoldsDocuments() throws IOException {
        Path path = folder.resolve("a.parquet");
        MessageType schema = MessageTypeParser.parseMessageType(
                "message m { optional int64 id; optional binary text (STRING); required double score; }");
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(path.toString()))
                .withType(schema)
                .build()) {
            SimpleGroupFactory rows = new SimpleGroupFactory(schema);
            writer.write(
                    rows.newGroup().append("id", 12L).append("text", "Grüße").append("score", 1.0));
            writer.write(rows.newGroup().append("text", "no id").append("score", 1.0));
            writer.write(rows.newGroup().append("id", 13L).append("score", 1.0));
        }

        try (DocumentReader reader = open(path)) {
            assertThat(reader.next()).contains(new Document("12", "Grüße", "a.parquet"));
            assertThat(reader.next()).contains(new Document("2", "no id", "a.parquet"));
            assertThatThrownBy(reader::next)
                    .isInstanceOf(CorruptInputException.class)
                    .hasMessageContaining("a.parquet, row 3: no text in column 'text'");
            assertThat(reader.next()).isEmpty();
        }
        assertThatThrownBy(() -> SmallData.read(new Input(path.toString(), "", Format.AUTO, "body", "id", "**")))
                .isInstanceOf(CorruptInputException.class)
                .hasMessageContaining(
                        "no column of texts 'body' (--text-column, or text-column of the input, names another);");
    }

    private DocumentReader open(Path path) {
        InputFile file = InputFile.list(List.of(SmallData.input(path)), SmallData.STORAGE)
                .get(0);
        return DocumentReader.open(file.parts(1).get(0), SmallData.STORAGE);
    }

    @Test
    void aBadRowIsNamedAndTheNextOneCanBeRead() throws IOException {
        byte[] latin1 = "{\"text\": \"Gr\u00fc\u00dfe\"}\n".getBytes(StandardCharsets.ISO_8859_1);
        String rows =
                "{\"text\": 5}\n{\"text\": \"broken\n[1]\n{\"text\": \"half \\ud800 pair\"}\n{\"text\": \"good\"}\n";
        Path path = write("a.jsonl", concat(latin1, rows.getBytes(StandardCharsets.UTF_8)));

        List<String> messages = new ArrayList<>();
        try (DocumentReader reader = open(path)) {
            for (int row = 1; row <= 5; row++) {
                try {
                    reader.next();
                } catch (CorruptInputException e) {
                    assertThat(e.endsFile()).isFalse();
                    messages.add(String.valueOf(e.getMessage()).replace("file:" + path, "F"));
                }
            }
            assertThat(reader.next()).map(Document::text).contains("good");
        }

        String remedy = "; correct the row, or let a larger max-bad leave it out";
        assertThat(messages).hasSize(5);
        assertThat(messages.get(0)).isEqualTo("F, line 1: not UTF-8: byte 0xFC at offset 12" + remedy);
        assertThat(messages.get(1))
                .isEqualTo(
                        "F, line 2: no text in column 'text' (--text-column, or text-column of the input, names another)"
                                + remedy);
        assertThat(messages.get(2)).startsWith("F, line 3: not valid JSON: ").endsWith(remedy);
        assertThat(messages.get(3)).isEqualTo("F, line 4: not a JSON object" + remedy);
        assertThat(messages.get(4))
                .isEqualTo("F, line 5: the text has an unpaired surrogate \\ud800 at character 5" + remedy);
    }

    @Test
    void damagedCompressionIsNamed() throws IOException {
        byte[] gzip = gzip(manyLines());
        byte[] zstd = zstd(manyLines());
        byte[] flipped = gzip.clone();
        flipped[gzip.length / 2] ^= 0x55;

        for (Path path : List.of(
                write("short.jsonl.gz", Arrays.copyOf(gzip, gzip.length / 2)),
                write("short.jsonl.zst", Arrays.copyOf(zstd, zstd.length / 2)),
                write("flipped.txt.gz", flipped),
                write("none.jsonl.gz", "plain text"),
                write("none.jsonl.zst", "plain text"))) {
            assertThatThrownBy(() -> read(path))
                    .as(path.toString())
                    .isInstanceOf(CorruptInputException.class)
                    .hasMessageContaining(path.toString())
                    .hasMessageContaining(": truncated or damaged (")
                    .hasMessageEndingWith("fetch the file again, or let a larger max-bad leave out the rest of it")
                    .hasMessageNotContaining("null")
                    .matches(e -> ((CorruptInputException) e).endsFile());
        }
    }

    @Test
    void aDamagedArchiveIsNamedWithItsEntry() throws IOException {
        Path path = folder.resolve("a.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
            zip.setLevel(0);
            zip.putNextEntry(new ZipEntry("a.txt"));
            zip.write("the first text".getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry("b.txt"));
            zip.write("the second text".getBytes(StandardCharsets.UTF_8));
        }
        String content = Files.readString(path, StandardCharsets.ISO_8859_1);
        Files.writeString(path, content.replace("the first", "the worst"), StandardCharsets.ISO_8859_1);

        try (DocumentReader reader = open(path)) {
            assertThatThrownBy(reader::next)
                    .isInstanceOf(CorruptInputException.class)
                    .hasMessageContaining("a.zip, entry a.txt: truncated or damaged (its content does not match");
            assertThat(reader.next()).map(Document::text).contains("the second text");
        }
        assertThatThrownBy(() -> read(write("b.zip", "no archive")))
                .isInstanceOf(CorruptInputException.class)
                .hasMessageContaining("b.zip: truncated or damaged");
        assertThatThrownBy(() -> read(write("b.parquet", "no parquet file at all")))
                .isInstanceOf(CorruptInputException.class)
                .hasMessageContaining("b.parquet: truncated or damaged");
    }

    @Test
    void aTextFileThatIsNoTextIsNamed() throws IOException {
        assertThatThrownBy(() -> read(write("a.txt", new byte[] {'a', (byte) 0xC3, '('})))
                .isInstanceOf(CorruptInputException.class)
                .hasMessageContaining("a.txt: not UTF-8: byte 0xC3 at offset 1");
        assertThat(read(write("b.txt", "a \uFFFD is a letter"))).hasSize(1);
    }

    @Test
    void wrongPathsAreRefused() throws IOException {
        assertThatThrownBy(() -> read(folder.resolve("missing.txt")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no such input: " + folder.resolve("missing.txt"));
        assertThatThrownBy(() -> read(write("a.dat", "?")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("cannot tell from its name how to read");
        Files.createDirectories(folder.resolve("empty"));
        assertThatThrownBy(() -> read(folder.resolve("empty")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("holds no files");
    }

    @Test
    void filesOfTheSameNameAreRefusedUntilOneInputIsNamed() throws IOException {
        Path a = write("a/x.txt", "1");
        Path b = write("b/x.txt", "2");

        assertThatThrownBy(() -> InputFile.list(List.of(SmallData.input(a), SmallData.input(b)), SmallData.STORAGE))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("two input files are called 'x.txt'");
        Input named = new Input(b.toString(), "other", Format.AUTO, "text", "id", "**");
        assertThat(InputFile.list(List.of(SmallData.input(a), named), SmallData.STORAGE))
                .extracting(InputFile::name)
                .containsExactly("other", "x.txt");
    }

    @Test
    void badRowsAreLeftOutUpToTheLimitAndCounted() throws IOException {
        Path path = write("a.jsonl", "{\"text\": 1}\n{\"text\": \"good\"}\nnope\n{\"text\": \"\"}\n");
        InputPart part = InputFile.list(List.of(SmallData.input(path)), SmallData.STORAGE)
                .get(0)
                .parts(1)
                .get(0);

        PartTokenizer tolerant = tokenizer(part, 2);
        List<PartRow> rows = new ArrayList<>();
        tolerant.forEachRemaining(rows::add);

        assertThat(rows).filteredOn(TokenizedDocument.class::isInstance).hasSize(1);
        assertThat(rows).filteredOn(BadRow.class::isInstance).hasSize(2);
        PartReport report = PartReport.fromJson(tolerant.report().toJson());
        assertThat(report.bad()).isEqualTo(2);
        assertThat(report.stages().get(0).removed())
                .containsEntry("corrupt", 2L)
                .containsEntry("empty", 1L);
        assertThat(report.badExamples()).hasSize(2).first().asString().contains("a.jsonl, line 1");
        assertThatThrownBy(() -> tokenizer(part, 1).forEachRemaining(rows::add))
                .isInstanceOf(CorruptInputException.class)
                .hasMessageContaining("a.jsonl, line 3: not valid JSON");
    }

    /** As large as its limit, a text of one word would take gigabytes on its way to token ids. */
    @Test
    void aTextWithAWordOfMegabytesIsLeftOutAlone() throws IOException {
        String word = "b".repeat(Texts.MAX_WORD_CHARACTERS);
        Path path = write(
                "a.jsonl",
                "{\"text\": \"before\"}\n{\"text\": \"a " + word + "b\"}\n{\"text\": \"a " + word + " b\"}\n");

        PartTokenizer rows = tokenizer(only(path), 1);
        List<PartRow> read = new ArrayList<>();
        rows.forEachRemaining(read::add);

        assertThat(read).filteredOn(TokenizedDocument.class::isInstance).hasSize(2);
        assertThat(rows.report().badExamples())
                .singleElement()
                .asString()
                .endsWith("a.jsonl, document 2: a word of 4194305 characters at character 2, 4194304 are allowed");
    }

    @Test
    void aTextThatTheTokenizerRefusesIsLeftOutAlone() throws IOException {
        Path path = write("a.jsonl", "{\"text\": \"hello\"}\n{\"text\": \"x\"}\n{\"text\": \"world\"}\n");
        String noUnknown = TokenizerFiles.WORD_PIECE.replace("\"[UNK]\": 1, ", "");
        Tokenizer strict = Tokenizers.of("huggingface:" + write("tokenizer.json", noUnknown), SmallData.STORAGE);

        PartTokenizer rows = tokenizer(only(path), strict, 1);
        List<PartRow> read = new ArrayList<>();
        rows.forEachRemaining(read::add);

        assertThat(read).filteredOn(TokenizedDocument.class::isInstance).hasSize(2);
        assertThat(read).filteredOn(BadRow.class::isInstance).hasSize(1);
        PartReport report = rows.report();
        assertThat(report.badExamples())
                .singleElement()
                .asString()
                .contains("a.jsonl, document 2: the Hugging Face library cannot encode it");
        assertThat(report.documents()).isEqualTo(2);
        assertThat(report.stages().get(0).documentsIn()).isEqualTo(3);
        assertThat(report.stages().get(0).documentsOut()).isEqualTo(2);
        assertThat(report.stages().get(0).removed()).containsEntry("corrupt", 1L);
        assertThatThrownBy(() -> tokenizer(only(path), strict, 0).forEachRemaining(read::add))
                .isInstanceOf(CorruptInputException.class)
                .hasMessageContaining("a.jsonl, document 2: the Hugging Face library cannot encode it");
    }

    private static InputPart only(Path path) {
        return InputFile.list(List.of(SmallData.input(path)), SmallData.STORAGE)
                .get(0)
                .parts(1)
                .get(0);
    }

    private static PartTokenizer tokenizer(InputPart part, long maxBad) {
        return tokenizer(part, Tokenizers.of("bytes", SmallData.STORAGE), maxBad);
    }

    private static PartTokenizer tokenizer(InputPart part, Tokenizer tokenizer, long maxBad) {
        return new PartTokenizer(
                part, SmallData.STORAGE, List.of(), tokenizer, Packing.of(64, 16, 1, 0, 1), lane -> true, maxBad);
    }
}
