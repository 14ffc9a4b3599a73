package org.hopespark.jobs.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Storage;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.data.tokenizer.TokenizerExport;
import org.hopespark.data.tokenizer.TokenizerInfo;
import org.hopespark.data.tokenizer.Tokenizers;
import org.hopespark.jobs.LocalFiles;
import org.hopespark.jobs.evaluate.TrainedModel;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.Network;
import org.hopespark.model.Sampler;
import org.hopespark.model.TokenBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small trained network, exported, and every file read without the code that wrote it. */
final class ModelExportTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int[] IDS = {256, 72, 111, 112, 101, 10, 3};
    private static final TokenizerInfo BYTES = TokenizerInfo.of(Tokenizers.of("bytes", LocalFiles.STORAGE));
    private static final String SETTINGS = """
            name: small
            seed: 9
            model:
              {vocabulary-size: 257, width: 32, blocks: 2, head-width: 16, chunk-tokens: 4, context-tokens: 16}
            levels:
              - {period-steps: 1, continuum-hidden: 24}
              - {period-steps: 2, continuum-hidden: 40}
            training: {steps: 4, warmup-steps: 1, learning-rate: 1.0e-2}
            """;
    private static final RunConfig CONFIG = RunConfig.parse("test", SETTINGS);

    static {
        Network.useThreads(1);
    }

    private final Network network = trained();
    private final Path parent;
    private final Path folder;

    ModelExportTest(@TempDir Path parent) {
        this.parent = parent;
        folder = parent.resolve("exported");
    }

    @AfterEach
    void close() {
        network.close();
    }

    private static Network trained() {
        Network network = new Network(CONFIG);
        long[] ids = new long[17];
        for (int step = 1; step <= 4; step++) {
            for (int t = 0; t < ids.length; t++) {
                ids[t] = (31L * t * step + 7) % 257;
            }
            TokenBatch batch = new TokenBatch(List.of(
                    new TokenBatch.Sequence(Arrays.copyOf(ids, 16), Arrays.copyOfRange(ids, 1, 17), new int[] {0})));
            network.forwardBackward(batch, 1.0 / batch.targetCount());
            for (Level level : CONFIG.schedule().dueAt(step)) {
                network.levels().update(level, step, CONFIG.training());
            }
        }
        return network;
    }

    private void export(int... checkIds) throws IOException {
        Checkpoint checkpoint = new Checkpoint(
                "somewhere", "attempt", 4, List.of(), List.of(), Map.of("config", "", "data-identity", "abc"));
        new ModelExport(network, CONFIG, BYTES, TokenizerExport.files(BYTES, Map.of(), 16), checkpoint)
                .write(new NewFolder(folder.toString(), new Configuration()), checkIds);
    }

    @Test
    void tensorsAreTheParametersUnderTheirNames() throws IOException {
        export();
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(folder.resolve("model.safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN);
        int header = (int) file.getLong();
        JsonNode entries = JSON.readTree(new String(file.array(), 8, header, StandardCharsets.UTF_8));
        assertThat(entries.path("__metadata__").path("format").asText()).isEqualTo("pt");
        assertThat(entries).hasSize(network.levels().parameters().size() + 1);
        for (NamedTensor tensor : network.levels().parameters()) {
            JsonNode entry = entries.path(tensor.name());
            assertThat(entry.path("dtype").asText()).isEqualTo("F32");
            assertThat(JSON.convertValue(entry.path("shape"), new TypeReference<List<Long>>() {}))
                    .isEqualTo(tensor.shape());
            int from = 8 + header + entry.path("data_offsets").path(0).asInt();
            for (int i = 0; i < tensor.data().elements(); i++) {
                assertThat(file.getFloat(from + 4 * i))
                        .as("%s %d", tensor.name(), i)
                        .isEqualTo((float) tensor.data().get(i));
            }
        }
    }

    @Test
    void configurationLosesNothing() throws IOException {
        export();
        JsonNode config = JSON.readTree(folder.resolve("config.json").toFile());
        Map<String, Object> expected = new TreeMap<>(Map.of(
                "model_type", "hope",
                "vocab_size", 257,
                "hidden_size", 32,
                "num_hidden_layers", 2,
                "num_attention_heads", 2,
                "intermediate_size", 64,
                "max_position_embeddings", 16,
                "hidden_act", "silu",
                "bos_token_id", 256));
        expected.forEach(
                (key, value) -> assertThat(config.path(key).asText()).as(key).isEqualTo(value.toString()));
        assertThat(config.path("hope").path("tokenizer").path("name").asText()).isEqualTo("bytes");
        assertThat(config.at("/hope/checkpoint/step").asLong()).isEqualTo(4);
        assertThat(config.at("/hope/checkpoint/about/data-identity").asText()).isEqualTo("abc");
        Map<String, Object> run =
                JSON.convertValue(config.at("/hope/run"), new TypeReference<Map<String, Object>>() {});
        assertThat(new Settings("config.json", run).bind(RunConfig.class)).isEqualTo(CONFIG);
    }

    @Test
    void theTokenizerLiesBesideTheModelAndGivesTheSameIds() throws IOException {
        export();
        try (Tokenizer exported =
                Tokenizers.of("huggingface:" + folder.resolve("tokenizer.json"), LocalFiles.STORAGE)) {
            String text = "Gr\u00fc\u00dfe, \ud83d\ude00\n\t  x\u0000y<|endoftext|>";
            assertThat(exported.encode(text))
                    .isEqualTo(Tokenizers.of("bytes", LocalFiles.STORAGE).encode(text));
            assertThat(TokenizerInfo.of(exported))
                    .extracting(TokenizerInfo::vocabularySize, TokenizerInfo::documentStart, TokenizerInfo::documentEnd)
                    .containsExactly(257, 256, 256);
        }
        JsonNode config = JSON.readTree(folder.resolve("tokenizer_config.json").toFile());
        assertThat(config.path("bos_token").asText()).isEqualTo("<|endoftext|>");
        assertThat(config.path("model_max_length").asInt()).isEqualTo(16);
        assertThat(JSON.readTree(folder.resolve("generation_config.json").toFile())
                        .path("eos_token_id")
                        .asInt())
                .isEqualTo(256);
    }

    @Test
    void itIsReadLikeACheckpoint() throws IOException {
        export();
        String location = folder.toString();
        try (TrainedModel model = newest(location)) {
            assertThat(model.config()).isEqualTo(CONFIG);
            assertThat(model.network().inference().logits(IDS))
                    .containsExactly(network.inference().logits(IDS));
            assertThat(model.checkpoint().step()).isEqualTo(4);
            assertThat(model.tokenizer().name()).isEqualTo("bytes");
        }
        byte[] tensors = Files.readAllBytes(folder.resolve("model.safetensors"));
        tensors[tensors.length - 3] ^= 1;
        Files.write(folder.resolve("model.safetensors"), tensors);
        assertThatThrownBy(() -> newest(location))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("model.safetensors does not have the SHA-256 of its manifest");
    }

    @Test
    void itReadsTheTokenizerThatLiesBesideIt() throws IOException {
        // as a run names it whose data set has copied the file
        Path file = Files.write(
                parent.resolve("ours.json"),
                TokenizerExport.files(BYTES, Map.of(), 16).get("tokenizer.json"));
        TokenizerInfo tokenizer;
        Storage storage = new Storage(new Configuration());
        try (Tokenizer opened = Tokenizers.of("huggingface:" + file, LocalFiles.STORAGE)) {
            TokenizerInfo info = TokenizerInfo.of(opened);
            tokenizer = new TokenizerInfo("huggingface:ours.json", 257, 256, 256, info.sha256());
        }
        Map<String, byte[]> content = Tokenizers.content(tokenizer, parent.toString(), storage);
        Checkpoint checkpoint = new Checkpoint("somewhere", "attempt", 4, List.of(), List.of(), Map.of());
        new ModelExport(network, CONFIG, tokenizer, TokenizerExport.files(tokenizer, content, 16), checkpoint)
                .write(new NewFolder(folder.toString(), new Configuration()));
        Files.delete(file);
        try (TrainedModel model = newest(folder.toString())) {
            assertThat(model.tokenizer().name()).isEqualTo("huggingface:tokenizer.json");
            String text = model.continueText("Hope", 3, new Sampler(0, 1, 1));
            assertThat(text).isNotEmpty();
        }
    }

    private static TrainedModel newest(String location) throws IOException {
        return TrainedModel.newest(
                location, "", List.of(), new Configuration(), -1, new PrintWriter(Writer.nullWriter()));
    }

    @Test
    void theArchiveAndTheWrittenLogitsAreThoseOfTheNetwork() throws Exception {
        export(IDS);
        double[] expected = network.inference().logits(IDS);
        JsonNode written = JSON.readTree(folder.resolve("logits.json").toFile());
        assertThat(JSON.convertValue(written.path("ids"), int[].class)).isEqualTo(IDS);
        assertThat(Stream.of(JSON.convertValue(written.path("logits"), double[][].class))
                        .flatMapToDouble(Arrays::stream)
                        .toArray())
                .containsExactly(expected);
        long[] ids = Arrays.stream(IDS).asLongStream().toArray();
        try (Model model = Model.newInstance("model", "PyTorch")) {
            model.load(folder, "model");
            try (Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator());
                    NDList input = new NDList(model.getNDManager().create(ids, new Shape(1, IDS.length)));
                    NDList output = predictor.predict(input)) {
                assertThat(output.get(0).getShape()).isEqualTo(new Shape(1, IDS.length, 257));
                float[] logits = output.get(0).toFloatArray();
                for (int i = 0; i < expected.length; i++) {
                    assertThat((double) logits[i]).isCloseTo(expected[i], within(1e-6));
                }
            }
        }
    }

    @Test
    void whatLearnsInContextIsRefused() throws IOException {
        List<String> on = List.of("model.in-context.blocks=1", "levels.1.in-context-tokens=8");
        RunConfig learning = CONFIG.with(on);
        Checkpoint checkpoint = new Checkpoint("somewhere", "attempt", 7, List.of(), List.of(), Map.of());
        ModelExport export = new ModelExport(network, learning, BYTES, Map.of(), checkpoint);
        assertThatThrownBy(() -> export.write(new NewFolder(folder.toString(), new Configuration())))
                .isInstanceOf(UserException.class)
                .hasMessage("the last 1 blocks learn in context (model.in-context.blocks), which model.pt cannot do:"
                        + " to export a network that does not, give --set model.in-context.blocks=0"
                        + " --set levels.1.in-context-tokens=0");
        assertThat(names(parent)).isEmpty();
        assertThat(learning.with(List.of("model.in-context.blocks=0", "levels.1.in-context-tokens=0")))
                .isEqualTo(CONFIG);
    }

    @Test
    void aFolderWithSomethingInItStaysAsItIs() throws IOException {
        Files.createDirectory(folder);
        export();
        List<String> files = names(folder);
        assertThat(files)
                .containsExactly(
                        "config.json",
                        "generation_config.json",
                        "manifest.json",
                        "model.pt",
                        "model.safetensors",
                        "tokenizer.json",
                        "tokenizer_config.json");
        assertThatThrownBy(this::export)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("exported is not empty (it holds 7)");
        assertThat(names(folder)).isEqualTo(files);
    }

    @Test
    void anExportThatFailsLeavesNothing() throws IOException {
        assertThatThrownBy(() -> export(1, 257, -1))
                .isInstanceOf(UserException.class)
                .hasMessage("--check-ids must lie in 0..256, got [257, -1]");
        NewFolder failing = new NewFolder(folder.toString(), new Configuration());
        assertThatThrownBy(() -> failing.write(Map.of("file", out -> {
                    out.write(1);
                    throw new IOException("the disk is full");
                })))
                .hasMessage("the disk is full");
        assertThat(names(parent)).isEmpty();
    }

    @Test
    void whatNoShapeTellsIsComparedToo() throws IOException {
        RunConfig attention =
                RunConfig.parse("test", SETTINGS.replace("head-width: 16", "head-width: 16, mixer: attention"));
        Checkpoint checkpoint = new Checkpoint("somewhere", "attempt", 7, List.of(), List.of(), Map.of());
        try (Network other = new Network(attention)) {
            new ModelExport(other, attention, BYTES, Map.of(), checkpoint)
                    .write(new NewFolder(folder.toString(), new Configuration()));
        }
        ExportedModel exported = ExportedModel.open(folder.toString(), new Configuration());
        assertThat(exported).hasToString(folder + " (small after step 7)");
        exported.requireFit(attention, BYTES);
        RunConfig different = RunConfig.parse(
                "test",
                SETTINGS.replace("head-width: 16", "head-width: 8, mixer: attention, rope-base: 500")
                        .replace("continuum-hidden: 40", "continuum-hidden: 48"));
        assertThatThrownBy(() ->
                        exported.requireFit(different, TokenizerInfo.of(Tokenizers.of("gpt2", LocalFiles.STORAGE))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(": 9 problems")
                .hasMessageContaining(
                        "- its tokenizer is 'bytes' (" + BYTES.sha256() + "), that of the data set 'gpt2'")
                .hasMessageContaining("- model.head-width is 16 there and 8 in this run")
                .hasMessageContaining("- model.rope-base is 10000.0 there and 500.0 in this run")
                .hasMessageContaining("- tensor blocks.1.continuum.2.down has the shape [40, 32]");
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
