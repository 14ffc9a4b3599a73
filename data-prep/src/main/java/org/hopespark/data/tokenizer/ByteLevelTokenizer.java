package org.hopespark.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.data.bpe.BytePairEncoder;
import org.hopespark.data.bpe.NfcInert;

/** A {@code tokenizer.json} that is encoded here instead of by the Hugging Face library, with the same ids. */
final class ByteLevelTokenizer implements Tokenizer {
    private static final Logger LOG = LogManager.getLogger(ByteLevelTokenizer.class);

    private final HuggingFaceTokenizer library;
    private final BytePairEncoder encoder;
    private final boolean normalizesToFormC;

    private ByteLevelTokenizer(HuggingFaceTokenizer library, BytePairEncoder encoder, boolean normalizesToFormC) {
        this.library = library;
        this.encoder = encoder;
        this.normalizesToFormC = normalizesToFormC;
    }

    /** The fast tokenizer of a file, or the library's where something in the file is known to the library only. */
    static Tokenizer orLibrary(JsonNode json, HuggingFaceTokenizer library) {
        ByteLevelFile file = new ByteLevelFile(json);
        List<String> unknowns = file.unknowns();
        if (unknowns.isEmpty()) {
            ByteLevelTokenizer tokenizer = new ByteLevelTokenizer(library, file.encoder(), file.normalizesToFormC());
            if (tokenizer.agrees(file.addedTexts())) {
                return tokenizer;
            }
            unknowns = List.of("something: sample texts get other ids");
        }
        LOG.info("{} is encoded by the Hugging Face library, for what only that knows: {}", library.name(), unknowns);
        return library;
    }

    /** Whether a few texts get the library's ids: a file may hold what neither its fields nor this class shows. */
    private boolean agrees(List<String> addedTexts) {
        List<String> samples = new ArrayList<>(addedTexts);
        samples.addAll(List.of(
                "It's 1851, isn't IT?  DON'T\r\n\r\n\tx = 12345;   // Grüße, 鯨 \uD834\uDD1E \n ",
                String.join(" a", addedTexts)));
        return samples.stream().allMatch(sample -> Arrays.equals(encode(sample), library.encode(sample)));
    }

    @Override
    public String name() {
        return library.name();
    }

    @Override
    public int vocabularySize() {
        return library.vocabularySize();
    }

    @Override
    public int documentStart() {
        return library.documentStart();
    }

    @Override
    public int documentEnd() {
        return library.documentEnd();
    }

    @Override
    public int[] encode(String text) {
        // what normalization may change is left to the library, whose Unicode is another than Java's
        return normalizesToFormC && !NfcInert.holds(text) ? library.encode(text) : encoder.encode(text);
    }

    @Override
    public String decode(int[] ids) {
        return library.decode(ids);
    }

    @Override
    public String fingerprint() {
        return library.fingerprint();
    }

    @Override
    public void close() {
        library.close();
    }
}
