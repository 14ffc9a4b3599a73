package org.hopespark.jobs.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Storage;
import org.hopespark.data.tokenizer.TokenizerExport;
import org.hopespark.data.tokenizer.TokenizerInfo;
import org.hopespark.data.tokenizer.Tokenizers;
import org.hopespark.jobs.evaluate.TrainedModel;
import org.hopespark.model.Network;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of the Llama family give networks that compute what loops over their tensors do. */
final class LlamaImportTest {
    private static final Configuration HADOOP = new Configuration();
    private static final int[] IDS = new Random(3).ints(20, 0, 257).toArray();
    /** Of ids, and some rows that belong to none, as published networks have. */
    private static final int ROWS = 264;

    private final Path theirs;
    private final Path ours;

    static {
        Network.useThreads(1);
    }

    LlamaImportTest(@TempDir Path parent) {
        theirs = parent.resolve("their 8B");
        ours = parent.resolve("ours");
    }

    @BeforeEach
    void writeTokenizer() throws IOException {
        Files.createDirectory(theirs);
        TokenizerInfo bytes = TokenizerInfo.of(Tokenizers.of("bytes", new Storage(HADOOP)));
        for (Map.Entry<String, byte[]> file :
                TokenizerExport.files(bytes, Map.of(), 32).entrySet()) {
            Files.write(theirs.resolve(file.getKey()), file.getValue());
        }
    }

    private void write(ObjectNode config) throws IOException {
        Files.writeString(theirs.resolve("config.json"), config.toString());
    }

    private LlamaImport importTheirs() throws IOException {
        LlamaImport network = new LlamaImport(theirs.toString(), "", 0, HADOOP);
        network.write(new NewFolder(ours.toString(), HADOOP), written -> {});
        return network;
    }

    private static void assertLogits(Network network, double[][] expected) {
        double[] logits = network.inference().logits(IDS);
        for (int t = 0; t < IDS.length; t++) {
            double[] row = Arrays.copyOfRange(logits, 257 * t, 257 * (t + 1));
            assertThat(row).as("token %d", t).containsExactly(Arrays.copyOf(expected[t], 257), within(2e-5));
        }
    }

    @Test
    void sharedKeysScaledPositionsAnOwnHeadAndSeveralFiles() throws IOException {
        LlamaFolder llama = new LlamaFolder(ROWS, 2, false);
        ObjectNode config = llama.config();
        config.putObject("rope_scaling")
                .put("rope_type", "llama3")
                .put("factor", 8.0)
                .put("low_freq_factor", 0.05)
                .put("high_freq_factor", 4.0)
                .put("original_max_position_embeddings", 16);
        write(config);
        llama.writeTwoFiles(theirs);

        LlamaImport imported = importTheirs();

        assertThat(imported.rowsLeftOut()).isEqualTo(7);
        double[] turns = LlamaFolder.turns();
        for (int i = 0; i < turns.length; i++) {
            double times = 16 * turns[i] / (2 * Math.PI);
            double smooth = (times - 0.05) / (4 - 0.05);
            assertThat(smooth).as("the first between, the second below").matches(s -> s < 1);
            turns[i] = smooth < 0 ? turns[i] / 8 : (1 - smooth) * turns[i] / 8 + smooth * turns[i];
        }
        double[][] expected = llama.logits(IDS, turns, IDS.length);
        try (TrainedModel model = new TrainedModel(ours.toString(), "", HADOOP)) {
            assertThat(model.config().name()).isEqualTo("their 8B");
            assertLogits(model.network(), expected);
        }
        // the settings beside it are those of a run that starts as this network
        RunConfig run = RunConfig.read(ours.resolve(LlamaImport.RUN_CONFIG).toString(), List.of());
        assertThat(run.init()).isEqualTo("file:" + ours);
        assertThat(run.withInit("")).isEqualTo(imported.config());
        // its MLP divided among three levels
        RunConfig stacked = run.with(List.of(
                "model.continuum=independent",
                "levels=[{period-steps: 1, continuum-hidden: 8},{period-steps: 4, continuum-hidden: 8},"
                        + "{period-steps: 16, continuum-hidden: 4}]"));
        try (Network network = new Network(stacked)) {
            ExportedModel.open(run.init(), HADOOP).loadInto(network);
            assertLogits(network, expected);
        }
    }

    @Test
    void aWindowATiedHeadAndEveryHeadWithItsKeys() throws IOException {
        LlamaFolder llama = new LlamaFolder(257, LlamaFolder.HEADS, true);
        ObjectNode config = llama.config().put("model_type", "mistral").put("sliding_window", 5);
        config.remove("rope_theta");
        config.putObject("rope_parameters")
                .put("rope_theta", 500.0)
                .put("rope_type", "linear")
                .put("factor", 4.0);
        write(config);
        llama.writeOneFile(theirs, "F32");

        importTheirs();

        double[] turns =
                Arrays.stream(LlamaFolder.turns()).map(turn -> turn / 4).toArray();
        try (TrainedModel model = new TrainedModel(ours.toString(), "", HADOOP)) {
            assertThat(model.network().architecture().isTied()).isTrue();
            assertLogits(model.network(), llama.logits(IDS, turns, 5));
        }
    }

    @Test
    void whatHasNoCounterpartIsReportedAllAtOnce() throws IOException {
        LlamaFolder llama = new LlamaFolder(200, 2, false);
        ObjectNode config = llama.config()
                .put("model_type", "gpt_oss")
                .put("hidden_act", "gelu")
                .put("attention_bias", true)
                .put("head_dim", 8);
        config.remove("num_hidden_layers");
        config.putObject("rope_scaling").put("type", "yarn");
        write(config);
        assertThatThrownBy(this::importTheirs)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("config.json describes a network that cannot be imported")
                .hasMessageContaining("model_type is 'gpt_oss', expected one of [llama, mistral]")
                .hasMessageContaining("num_hidden_layers must be a whole number > 0, got nothing")
                .hasMessageContaining("head_dim 8 times num_attention_heads 6 is not hidden_size 24")
                .hasMessageContaining("vocab_size is 200, its tokenizer has ids up to 256")
                .hasMessageContaining("hidden_act is gelu, only silu")
                .hasMessageContaining("attention_bias is true, only false")
                .hasMessageContaining("rope_type is yarn, only default, linear and llama3");
        assertThat(ours).doesNotExist();
    }

    @Test
    void tensorsThatDoNotFitAreNamed() throws IOException {
        LlamaFolder llama = new LlamaFolder(ROWS, 2, false);
        write(llama.config().put("num_key_value_heads", 3).put("tie_word_embeddings", true));
        llama.writeOneFile(theirs, "BF16");
        new LlamaFolder(ROWS, 2, true).writeTwoFiles(theirs);
        // the index is read, the file beside it is not
        assertThatThrownBy(this::importTheirs)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("their 8B cannot be imported")
                .hasMessageContaining(
                        "tensor model.layers.1.self_attn.k_proj.weight has the shape [8, 24], expected [12, 24]");

        write(llama.config().put("num_hidden_layers", 1));
        assertThatThrownBy(this::importTheirs)
                .hasMessageContaining("tensor lm_head.weight [264, 24] is missing")
                .hasMessageContaining("tensor model.layers.1.mlp.up_proj.weight has no counterpart in a Transformer++");

        Path file = theirs.resolve("model-00002-of-00002.safetensors");
        try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
            cut.setLength(cut.length() - 1);
        }
        assertThatThrownBy(this::importTheirs)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("model-00002-of-00002.safetensors has ")
                .hasMessageContaining("its header says ");
        Files.delete(file);
        assertThatThrownBy(this::importTheirs)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("model-00002-of-00002.safetensors")
                .hasMessageContaining("the files that this names");
        Files.delete(theirs.resolve("tokenizer.json"));
        assertThatThrownBy(this::importTheirs)
                .hasMessageContaining("has neither tokenizer.json nor tokenizer.model: give --tokenizer");
        assertThat(ours).doesNotExist();
    }
}
