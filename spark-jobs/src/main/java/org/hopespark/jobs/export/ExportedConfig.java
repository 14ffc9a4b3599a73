package org.hopespark.jobs.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.conf.AttentionConfig;
import org.hopespark.conf.LevelConfig;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.Settings;
import org.hopespark.data.tokenizer.TokenizerInfo;

/**
 * {@code config.json}: the sizes under the names that Hugging Face gives them, and under {@code hope} all that this
 * program knows: the run's configuration, the tokenizer and what the checkpoint says about itself.
 */
final class ExportedConfig {
    static final String FILE = "config.json";
    static final String GENERATION_FILE = "generation_config.json";
    static final String HOPE = "hope";
    static final String RUN = "run";
    static final String TOKENIZER = "tokenizer";

    private static final ObjectMapper JSON = new ObjectMapper();

    private ExportedConfig() {}

    static ObjectNode of(RunConfig config, TokenizerInfo tokenizer, Checkpoint checkpoint) {
        ModelConfig model = config.model();
        ObjectNode node = JSON.createObjectNode().put("model_type", "hope");
        node.set("architectures", strings("HopeForCausalLM"));
        node.put("vocab_size", model.vocabularySize())
                .put("hidden_size", model.width())
                .put("num_hidden_layers", model.blocks())
                .put("num_attention_heads", model.heads())
                .put("head_dim", model.headWidth())
                .put(
                        "intermediate_size",
                        config.levels().stream()
                                .mapToInt(LevelConfig::continuumHidden)
                                .sum())
                .put("max_position_embeddings", model.contextTokens())
                .put(
                        "hidden_act",
                        model.activation() == ModelConfig.Activation.SILU_GATED ? "silu" : "gelu_pytorch_tanh")
                .put("rms_norm_eps", model.normEpsilon())
                .put("tie_word_embeddings", model.tiedEmbeddings())
                .put("torch_dtype", "float32")
                .put("bos_token_id", tokenizer.documentStart())
                .put("eos_token_id", tokenizer.documentEnd());
        if (model.rotates()) {
            node.put("rope_theta", model.ropeBase());
        }
        if (model.mixers().stream().distinct().count() == 1
                && model.mixers().get(0) instanceof AttentionConfig attention) {
            int shared = attention.keyValueHeads();
            node.put("num_key_value_heads", shared == 0 ? model.heads(attention) : shared);
        }
        node.set(HOPE, hope(config, tokenizer, checkpoint));
        return node;
    }

    /** With which ids a text begins and ends, for programs that write. */
    static ObjectNode generation(TokenizerInfo tokenizer) {
        return JSON.createObjectNode()
                .put("bos_token_id", tokenizer.documentStart())
                .put("eos_token_id", tokenizer.documentEnd())
                .put("pad_token_id", tokenizer.documentEnd())
                .put("do_sample", false);
    }

    private static ObjectNode hope(RunConfig config, TokenizerInfo tokenizer, Checkpoint checkpoint) {
        ObjectNode node = JSON.createObjectNode();
        node.putObject(TOKENIZER)
                .put("name", tokenizer.name())
                .put("vocabulary-size", tokenizer.vocabularySize())
                .put("document-start", tokenizer.documentStart())
                .put("document-end", tokenizer.documentEnd())
                .put("sha256", tokenizer.sha256());
        Map<String, String> about = new TreeMap<>(checkpoint.about());
        about.remove("config"); // the same as under run
        node.set(
                "checkpoint",
                JSON.createObjectNode().put("step", checkpoint.step()).set("about", JSON.valueToTree(about)));
        node.set(
                RUN,
                JSON.valueToTree(Settings.parse("the run's configuration", config.print())
                        .tree()));
        return node;
    }

    private static ArrayNode strings(String... values) {
        return JSON.valueToTree(values);
    }
}
