package org.hopespark.data.tokenizer;

import com.knuddels.jtokkit.Encodings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.hopespark.data.bpe.BytePairEncoder;
import org.hopespark.data.bpe.PreTokenizer;

/** A byte-pair encoding of OpenAI, from the ranks that jtokkit carries; {@code <|endoftext|>} marks documents. */
final class RankTokenizer implements Tokenizer {
    private static final String GPT2_RANKS = "r50k_base.tiktoken";

    private final String name;
    private final int mark;
    private final int vocabularySize;
    private final String fingerprint;
    private final List<byte[]> tokens;
    private final BytePairEncoder encoder;

    private RankTokenizer(String name, String ranks, PreTokenizer words, int mark, int vocabularySize) {
        this.name = name;
        this.mark = mark;
        this.vocabularySize = vocabularySize;
        byte[] file = read(ranks);
        fingerprint = DigestUtils.sha256Hex(file);
        tokens = tokens(file);
        encoder = BytePairEncoder.ofRanks(tokens, words);
    }

    static RankTokenizer gpt2() {
        return new RankTokenizer("gpt2", GPT2_RANKS, PreTokenizer.gpt2(), 50256, 50257);
    }

    /** Of GPT-4, with room for its five control tokens, 100257 to 100276. */
    static RankTokenizer cl100k() {
        return new RankTokenizer("cl100k", "cl100k_base.tiktoken", PreTokenizer.cl100k(), 100257, 100277);
    }

    /** The tokens of GPT-2 by rank. */
    static List<byte[]> gpt2Tokens() {
        return tokens(read(GPT2_RANKS));
    }

    private static byte[] read(String ranks) {
        try (InputStream in = Encodings.class.getResourceAsStream(ranks)) {
            if (in == null) {
                throw new IllegalStateException("jtokkit carries no " + ranks);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From lines of a token's bytes in base64 and its id, which count from 0. */
    private static List<byte[]> tokens(byte[] file) {
        return new String(file, StandardCharsets.US_ASCII)
                .lines()
                .filter(line -> !line.isBlank())
                .map(line -> Base64.getDecoder().decode(line.substring(0, line.indexOf(' '))))
                .toList();
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
        return mark;
    }

    @Override
    public int documentEnd() {
        return mark;
    }

    @Override
    public int[] encode(String text) {
        return encoder.encode(text);
    }

    @Override
    public String decode(int[] ids) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            bytes.writeBytes(tokens.get(id));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }
}
