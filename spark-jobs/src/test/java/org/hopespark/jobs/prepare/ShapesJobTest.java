package org.hopespark.jobs.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cli.PrepareCommand;
import org.hopespark.cli.SampleShardsCommand;
import org.hopespark.data.DataSet;
import org.hopespark.jobs.LocalFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** A folder of each usual shape becomes a data set with one command, and its rows can be looked at. */
class ShapesJobTest {
    private static final int DOCUMENTS = 20;

    @TempDir
    private Path folder;

    private final SparkSession spark = session();
    private final PrintStream console = System.out;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private static SparkSession session() {
        return SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .getOrCreate();
    }

    @BeforeEach
    void listen() {
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void stop() {
        System.setOut(console);
        spark.stop();
    }

    private interface Maker {
        void make(Path folder) throws IOException;
    }

    /**
     * A shape.
     *
     * @param option of the command besides input, output and tokenizer; empty without one
     */
    private record Shape(String name, Maker maker, String option) {
        Shape(String name, Maker maker) {
            this(name, maker, "");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static String texts(String before, String between, String behind) {
        return before
                + IntStream.range(0, DOCUMENTS).mapToObj(i -> "story " + i).collect(Collectors.joining(between))
                + behind;
    }

    static Stream<Shape> shapes() {
        return Stream.of(
                new Shape("a data set of the hub", place -> {
                    Files.writeString(place.resolve("README.md"), "---\nlicense: mit\n---\nstory of the card");
                    Files.writeString(place.resolve("LICENSE"), "story of the licence");
                    Files.writeString(place.resolve(".gitattributes"), "*.parquet filter=lfs");
                    Files.writeString(place.resolve("dataset_infos.json"), "{}");
                    Files.createDirectories(place.resolve("data"));
                    parquet(place.resolve("data/train-00000-of-00001.parquet"));
                }),
                new Shape("a data set that the hub's library saved", place -> {
                    Files.writeString(place.resolve("dataset_info.json"), "{}");
                    Files.writeString(place.resolve("state.json"), "{}");
                    Files.writeString(place.resolve("data.lock"), "");
                    arrow(place.resolve("data-00000-of-00001.arrow"));
                }),
                new Shape(
                        "lines of one text",
                        place -> Files.writeString(place.resolve("a.txt"), texts("", "\n", "\n")),
                        "--split=lines"),
                new Shape(
                        "one text with blank lines",
                        place -> Files.writeString(place.resolve("enwik8"), texts("", "\n\n", "")),
                        "--split=blank-lines"),
                new Shape(
                        "one text with a separator",
                        place -> Files.writeString(place.resolve("a.txt"), texts("", "\n<|endoftext|>\n", "")),
                        "--split=<|endoftext|>"),
                new Shape(
                        "a text in UTF-16",
                        place -> Files.write(
                                place.resolve("a.txt"),
                                texts("\uFEFF", "\r\n", "").getBytes(StandardCharsets.UTF_16LE)),
                        "--split=lines"),
                new Shape(
                        "comma-separated values",
                        place -> Files.writeString(place.resolve("a.csv"), texts("text,n\n\"", "\",1\n\"", "\",1\n"))),
                new Shape(
                        "tab-separated values",
                        place -> Files.writeString(place.resolve("a.tsv"), texts("n\ttext\n1\t", "\n1\t", "\n"))),
                new Shape(
                        "an array of objects",
                        place -> Files.writeString(
                                place.resolve("a.json"), texts("[{\"text\": \"", "\"}, {\"text\": \"", "\"}]"))),
                new Shape(
                        "nested columns",
                        place -> Files.writeString(
                                place.resolve("a.jsonl"),
                                texts("{\"a\": {\"b\": \"", "\"}}\n{\"a\": {\"b\": \"", "\"}}\n")),
                        "--text-column=a.b"),
                new Shape(
                        "several columns",
                        place -> Files.writeString(
                                place.resolve("a.jsonl"),
                                texts("{\"t\": \"story\", \"n\": \"", "\"}\n{\"t\": \"story\", \"n\": \"", "\"}\n")
                                        .replace("\"story ", "\"")),
                        "--text-template={t} {n}"));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void oneCommandMakesADataSet(Shape shape) throws IOException {
        Path corpus = Files.createDirectories(folder.resolve("corpus"));
        shape.maker.make(corpus);
        List<String> command = new ArrayList<>(
                List.of("--input=" + corpus, "--output=" + folder.resolve("data"), "--tokenizer=bytes"));
        if (!shape.option.isEmpty()) {
            command.add(shape.option);
        }

        assertThat(new CommandLine(new PrepareCommand()).execute(command.toArray(String[]::new)))
                .as(() -> printed.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(new CommandLine(new SampleShardsCommand())
                        .execute(folder.resolve("data").toString(), "--rows=100"))
                .isZero();

        DataSet made = DataSet.open(folder.resolve("data").toString(), LocalFiles.STORAGE);
        assertThat(made.manifest().training().documents()
                        + made.manifest().validation().documents())
                .isEqualTo(DOCUMENTS);
        assertThat(made.manifest().validation().documents()).isPositive();
        assertThat(made.manifest().training().utf8Bytes()
                        + made.manifest().validation().utf8Bytes())
                .isEqualTo(texts("", "", "").length());
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("story 1");
    }

    private static void parquet(Path file) throws IOException {
        MessageType schema = MessageTypeParser.parseMessageType("message m { required binary text (STRING); }");
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(file.toUri()))
                .withType(schema)
                .build()) {
            for (int row = 0; row < DOCUMENTS; row++) {
                writer.write(new SimpleGroupFactory(schema).newGroup().append("text", "story " + row));
            }
        }
    }

    private static void arrow(Path file) throws IOException {
        try (RootAllocator memory = new RootAllocator();
                VarCharVector text = new VarCharVector("text", memory);
                VectorSchemaRoot root = VectorSchemaRoot.of(text);
                OutputStream out = Files.newOutputStream(file);
                ArrowStreamWriter writer = new ArrowStreamWriter(root, null, out)) {
            text.allocateNew();
            for (int row = 0; row < DOCUMENTS; row++) {
                text.setSafe(row, ("story " + row).getBytes(StandardCharsets.UTF_8));
            }
            root.setRowCount(DOCUMENTS);
            writer.writeBatch();
            writer.end();
        }
    }
}
