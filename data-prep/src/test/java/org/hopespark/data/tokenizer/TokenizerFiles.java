package org.hopespark.data.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;

/** Small files of the kinds that the Hugging Face library knows. */
public final class TokenizerFiles {
    private static final String ADDED = """
            {"id": %d, "content": "%s", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
             "special": true}""";

    /** Of BERT. */
    public static final String WORD_PIECE = """
            {"version": "1.0", "truncation": {"direction": "Right", "max_length": 8, "strategy": "LongestFirst", "stride": 2},
             "padding": {"strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0,
                         "pad_type_id": 0, "pad_token": "[PAD]"},
             "added_tokens": [%s, %s, %s, %s],
             "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                            "strip_accents": null, "lowercase": true},
             "pre_tokenizer": {"type": "BertPreTokenizer"},
             "post_processor": {"type": "TemplateProcessing",
               "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                          {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
               "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
               "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                                  "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
             "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
             "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                       "max_input_chars_per_word": 100,
                       "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "hello": 4, "world": 5, "##s": 6,
                                 "it": 7, "a": 8, "##a": 9, "'": 10, ",": 11, "<|endoftext|>": 12}}}
            """.formatted(
                    ADDED.formatted(0, "[PAD]"),
                    ADDED.formatted(2, "[CLS]"),
                    ADDED.formatted(3, "[SEP]"),
                    ADDED.formatted(12, "<|endoftext|>"));

    /** Of T5. */
    static final String UNIGRAM = """
            {"version": "1.0", "truncation": null, "padding": null,
             "added_tokens": [%s, %s, %s],
             "normalizer": {"type": "Sequence", "normalizers": [
               {"type": "Precompiled", "precompiled_charsmap": "%s"},
               {"type": "NFKC"}, {"type": "StripAccents"}, {"type": "Lowercase"},
               {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]},
             "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": true},
             "post_processor": {"type": "BertProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0]},
             "decoder": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": true},
             "model": {"type": "Unigram", "unk_id": 2, "byte_fallback": false,
                       "vocab": [["<s>", 0.0], ["</s>", 0.0], ["<unk>", 0.0], ["\u2581", -2.5], ["\u2581hello", -3.5],
                                 ["world", -4.5], ["s", -3.0], ["a", -2.0], ["aa", -3.0], [".", -4.0]]}}
            """.formatted(
                    ADDED.formatted(0, "<s>"),
                    ADDED.formatted(1, "</s>"),
                    ADDED.formatted(2, "<unk>"),
                    Base64.getEncoder().encodeToString(characterMap()));

    /** Of Llama and Gemma. */
    static final String BYTE_FALLBACK = """
            {"version": "1.0", "truncation": null, "padding": null,
             "added_tokens": [%s, %s, %s, %s],
             "normalizer": {"type": "Sequence", "normalizers": [
               {"type": "Prepend", "prepend": "\u2581"},
               {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]},
             "pre_tokenizer": null, "post_processor": null,
             "decoder": {"type": "Sequence", "decoders": [
               {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}, {"type": "ByteFallback"},
               {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
             "model": {"type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null,
                       "end_of_word_suffix": null, "fuse_unk": true, "byte_fallback": true, "ignore_merges": false,
                       "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "<0x0A>": 3, "<0xC3>": 4, "\u2581": 5, "a": 6, "aa": 7,
                                 "h": 8, "e": 9, "he": 10, "\u2581he": 11, "</b>": 12},
                       "merges": [["a", "a"], ["h", "e"], ["\u2581", "he"]]}}
            """.formatted(
                    ADDED.formatted(0, "<unk>"),
                    ADDED.formatted(1, "<s>"),
                    ADDED.formatted(2, "</s>"),
                    ADDED.formatted(12, "</b>").replace("\"special\": true", "\"special\": false"));

    /** With other words than those of GPT-2. */
    static final String BYTE_LEVEL = """
            {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [%s],
             "normalizer": {"type": "NFC"},
             "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
               {"type": "Split", "pattern": {"Regex": "\\\\p{N}{1,3}|\\\\s+|[^\\\\s\\\\p{N}]+"}, "behavior": "Isolated",
                "invert": false},
               {"type": "Digits", "individual_digits": true}, {"type": "Punctuation", "behavior": "Contiguous"},
               {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]},
             "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
             "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
             "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "",
                       "end_of_word_suffix": "", "fuse_unk": false, "byte_fallback": false,
                       "vocab": {"<|endoftext|>": 0, "a": 1, "b": 2, "ab": 3, "\u0120": 4, "\u0120a": 5, "aa": 6},
                       "merges": ["a b", "\u0120 a", "a a"]}}
            """.formatted(ADDED.formatted(0, "<|endoftext|>"));

    static final List<String> ALL = List.of(WORD_PIECE, UNIGRAM, BYTE_FALLBACK, BYTE_LEVEL);

    private TokenizerFiles() {}

    /** Maps A to a: a trie of one block whose root leads to A, and A to a leaf that has the place of its text. */
    static byte[] characterMap() {
        ByteBuffer map = ByteBuffer.allocate(4 + 4 * 256 + 2).order(ByteOrder.LITTLE_ENDIAN);
        map.putInt(4 * 256);
        map.putInt(4 + 4 * 'A', ('A' ^ 200) << 10 | 1 << 8 | 'A');
        map.putInt(4 + 4 * 200, 1 << 31);
        map.put(4 + 4 * 256, (byte) 'a');
        return map.array();
    }
}
