package org.hopespark.jobs.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;

/**
 * The {@code config.json} of a network of the Llama family (Touvron et al. 2023, arXiv 2302.13971) as Hugging Face's
 * library writes it, as the settings of a Transformer++.
 *
 * @param sizes where {@code config.json} says them
 * @param run the settings of the same network
 */
record LlamaConfig(Sizes sizes, RunConfig run) {
    private static final Set<String> TYPES = Set.of("llama", "mistral");

    /**
     * Axis lengths of the tensors.
     *
     * @param vocabulary rows of the embedding, those beyond the tokenizer's ids included
     */
    record Sizes(int vocabulary, int width, int hidden, int blocks, int heads, int keyValueHeads) {}

    /**
     * Reads a configuration.
     *
     * @param file its name, for messages
     * @param name of the run
     * @param vocabularySize ids of its tokenizer
     * @param contextTokens of the network here, 0 for as many as it was made for
     * @throws UserException with everything that has no counterpart here
     */
    static LlamaConfig of(JsonNode json, String file, String name, int vocabularySize, int contextTokens) {
        List<String> problems = new ArrayList<>();
        Reader read = new Reader(json, problems);
        String type = json.path("model_type").asText();
        if (!TYPES.contains(type)) {
            problems.add("model_type is '" + type + "', expected one of "
                    + TYPES.stream().sorted().toList());
        }
        int heads = read.number("num_attention_heads");
        Sizes sizes = new Sizes(
                read.number("vocab_size"),
                read.number("hidden_size"),
                read.number("intermediate_size"),
                read.number("num_hidden_layers"),
                heads,
                json.path("num_key_value_heads").asInt(heads));
        int headWidth = json.path("head_dim").asInt(heads > 0 ? sizes.width / heads : 0);
        if (heads > 0 && (long) headWidth * heads != sizes.width) {
            problems.add("head_dim " + headWidth + " times num_attention_heads " + heads + " is not hidden_size "
                    + sizes.width);
        }
        if (sizes.vocabulary > 0 && sizes.vocabulary < vocabularySize) {
            problems.add("vocab_size is " + sizes.vocabulary + ", its tokenizer has ids up to " + (vocabularySize - 1));
        }
        read.only("hidden_act", "silu");
        read.only("attention_bias", "false");
        read.only("mlp_bias", "false");
        if (json.path("quantization_config").isObject()) {
            problems.add("the weights are quantized (quantization_config): take those in bf16, fp16 or fp32");
        }
        int context = contextTokens > 0 ? contextTokens : read.number("max_position_embeddings");
        List<String> settings = new ArrayList<>(List.of(
                "name=" + TextNode.valueOf(name), // in quotes: a name may look like a number
                "model.vocabulary-size=" + vocabularySize,
                "model.width=" + sizes.width,
                "model.blocks=" + sizes.blocks,
                "model.head-width=" + headWidth,
                "model.context-tokens=" + context,
                // no memory reads by chunks, but the setting must divide the context
                "model.chunk-tokens=" + BigInteger.valueOf(context).gcd(BigInteger.valueOf(64)),
                "model.activation=silu-gated",
                "model.norm-epsilon=" + json.path("rms_norm_eps").asDouble(1e-6),
                "model.tied-embeddings=" + json.path("tie_word_embeddings").asBoolean(false),
                "levels=[{period-steps: 1, continuum-hidden: " + sizes.hidden + "}]"));
        int window = json.path("sliding_window").asInt(0);
        settings.add("model.pattern=[{attention: {window: " + (window < context ? window : 0) + ", key-value-heads: "
                + (sizes.keyValueHeads == heads ? 0 : sizes.keyValueHeads) + "}}]");
        settings.addAll(read.rotation());
        if (!problems.isEmpty()) {
            throw UserException.of(file + " describes a network that cannot be imported", problems);
        }
        return new LlamaConfig(sizes, RunConfig.parse("defaults", "{}").with(settings));
    }

    private record Reader(JsonNode json, List<String> problems) {
        int number(String key) {
            JsonNode value = json.path(key);
            if (!value.isInt() || value.asInt() <= 0) {
                problems.add(key + " must be a whole number > 0, got " + (value.isMissingNode() ? "nothing" : value));
                return 0;
            }
            return value.asInt();
        }

        void only(String key, String expected) {
            String value = json.path(key).asText(expected);
            if (!value.equals(expected)) {
                problems.add(key + " is " + value + ", only " + expected + " can be imported");
            }
        }

        /** Version 5 of the library has one group, earlier ones a number and a group that may be null. */
        List<String> rotation() {
            JsonNode group =
                    json.path("rope_parameters").isObject() ? json.path("rope_parameters") : json.path("rope_scaling");
            double base =
                    group.path("rope_theta").asDouble(json.path("rope_theta").asDouble(10_000));
            List<String> settings = new ArrayList<>(List.of("model.rope-base=" + base));
            String type = group.path("rope_type").asText(group.path("type").asText("default"));
            String scaling = "model.rope-scaling.";
            switch (type) {
                case "default" -> {}
                case "linear", "llama3" -> {
                    settings.add(scaling + "type=" + type);
                    settings.add(scaling + "factor=" + group.path("factor").asDouble());
                }
                default -> problems.add("rope_type is " + type + ", only default, linear and llama3 can be imported");
            }
            if (type.equals("llama3")) {
                settings.add(scaling + "low-frequency-factor="
                        + group.path("low_freq_factor").asDouble());
                settings.add(scaling + "high-frequency-factor="
                        + group.path("high_freq_factor").asDouble());
                settings.add(scaling + "original-context-tokens="
                        + group.path("original_max_position_embeddings").asInt());
            }
            return settings;
        }
    }
}
