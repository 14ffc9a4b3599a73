package org.hopespark.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.CorruptInputException;

/** A {@code tokenizer.json} of the Hugging Face library. */
final class HuggingFaceTokenizer implements Tokenizer {
    private final String name;
    private final int vocabularySize;
    private final HuggingFaceFile.Marks marks;
    private final Map<Integer, String> controls;
    private final String fingerprint;
    private final ai.djl.huggingface.tokenizers.HuggingFaceTokenizer tokenizer;

    private HuggingFaceTokenizer(
            String name,
            HuggingFaceFile file,
            HuggingFaceFile.Marks marks,
            String fingerprint,
            ai.djl.huggingface.tokenizers.HuggingFaceTokenizer tokenizer) {
        this.name = name;
        vocabularySize = file.vocabularySize();
        this.marks = marks;
        controls = file.controls();
        this.fingerprint = fingerprint;
        this.tokenizer = tokenizer;
    }

    /** A tokenizer, and the file as it encodes texts with it. */
    private record Opened(HuggingFaceTokenizer tokenizer, JsonNode forText) {}

    /**
     * The tokenizer of a file, by whichever of two ways to the same ids is faster for it.
     *
     * @param mark the special token that marks documents, empty to look for a usual one
     */
    static Tokenizer fastest(String place, String mark, Storage storage) {
        Opened opened = open(place, mark, storage);
        return ByteLevelTokenizer.orLibrary(opened.forText, opened.tokenizer);
    }

    /** The library's own way. */
    static HuggingFaceTokenizer read(String place, String mark, Storage storage) {
        return open(place, mark, storage).tokenizer;
    }

    private static Opened open(String place, String mark, Storage storage) {
        Path path = new Path(place);
        byte[] content;
        try {
            content = storage.read(path);
        } catch (IOException e) {
            throw new UserException("cannot read the tokenizer " + place + ": " + e.getMessage(), e);
        }
        HuggingFaceFile file = HuggingFaceFile.read(place, content);
        HuggingFaceFile.Marks marks = file.marks(mark);
        JsonNode forText = file.forText();
        String name = "huggingface:" + path.getName() + (mark.isEmpty() ? "" : "#" + mark);
        return new Opened(
                new HuggingFaceTokenizer(name, file, marks, DigestUtils.sha256Hex(content), load(place, forText)),
                forText);
    }

    private static ai.djl.huggingface.tokenizers.HuggingFaceTokenizer load(String place, JsonNode json) {
        try {
            return ai.djl.huggingface.tokenizers.HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(new ObjectMapper().writeValueAsBytes(json)),
                    Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false"));
        } catch (IOException | RuntimeException e) { // the latter from the library, for whatever it refuses
            throw new UserException(
                    "cannot read the tokenizer " + place + ": the Hugging Face library says: " + e.getMessage(), e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int vocabularySize() {
        return vocabularySize;
    }

    @Override
    public int documentStart() {
        return marks.start();
    }

    @Override
    public int documentEnd() {
        return marks.end();
    }

    @Override
    public int[] encode(String text) {
        long[] ids;
        try {
            ids = tokenizer.encode(text, false, false).getIds();
        } catch (RuntimeException e) {
            throw CorruptInputException.row(name, "the Hugging Face library cannot encode it (" + e.getMessage() + ")");
        }
        int[] result = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            result[i] = Math.toIntExact(ids[i]);
            if (controls.containsKey(result[i])) {
                throw CorruptInputException.row(
                        name, "it gets the id of " + controls.get(result[i]) + ", a control token");
            }
        }
        return result;
    }

    /** Control tokens come out as they are written in the file. */
    @Override
    public String decode(int[] ids) {
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (int i = 0; i < ids.length; i++) {
            if (controls.containsKey(ids[i])) {
                text.append(decode(ids, from, i)).append(controls.get(ids[i]));
                from = i + 1;
            }
        }
        return text.append(decode(ids, from, ids.length)).toString();
    }

    private String decode(int[] ids, int from, int to) {
        if (from == to) {
            return "";
        }
        return tokenizer.decode(Arrays.stream(ids, from, to).asLongStream().toArray(), false);
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
