package org.hopespark.data.tokenizer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** The {@code tokenizer.json} of a byte-level byte-pair encoding with the words of GPT-2. */
final class ByteLevelJson {
    /** The control token that marks documents. */
    static final String MARK = "<|endoftext|>";

    private static final String FRAME = """
            {"version": "1.0", "truncation": null, "padding": null, "normalizer": null,
             "added_tokens": [
              {"id": 0, "content": "<|endoftext|>", "single_word": false, "lstrip": false, "rstrip": false,
               "normalized": false, "special": true}],
             "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
                               "use_regex": true},
             "post_processor": null,
             "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
             "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "",
                       "end_of_word_suffix": "", "fuse_unk": false, "byte_fallback": false}}
            """;

    private ByteLevelJson() {}

    /**
     * The content of the file.
     *
     * @param tokens by id, {@link #MARK} among them
     * @param merges the two tokens of each, with a space between
     */
    static byte[] of(List<String> tokens, List<String> merges) {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode ids = mapper.createObjectNode();
        tokens.forEach(token -> ids.put(token, ids.size()));
        ArrayNode pairs = mapper.createArrayNode();
        merges.forEach(pairs::add);
        try {
            ObjectNode json = (ObjectNode) mapper.readTree(FRAME);
            ((ObjectNode) json.at("/added_tokens/0")).put("id", tokens.indexOf(MARK));
            ((ObjectNode) json.get("model")).set("vocab", ids);
            ((ObjectNode) json.get("model")).set("merges", pairs);
            return mapper.writeValueAsBytes(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
