package org.hopespark.data;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The byte-pair encoding of GPT-2; 50256 ({@code <|endoftext|>}) marks documents. */
final class Gpt2Tokenizer implements Tokenizer {
    private static final int MARK = 50256;

    private final Encoding encoding = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);

    @Override
    public String name() {
        return "gpt2";
    }

    @Override
    public int vocabularySize() {
        return MARK + 1;
    }

    @Override
    public int documentStart() {
        return MARK;
    }

    @Override
    public int documentEnd() {
        return MARK;
    }

    @Override
    public int[] encode(String text) {
        return encoding.encodeOrdinary(text).toArray();
    }

    @Override
    public String decode(int[] ids) {
        IntArrayList list = new IntArrayList(ids.length);
        for (int id : ids) {
            list.add(id);
        }
        return encoding.decode(list);
    }

    @Override
    public String fingerprint() {
        return Storage.sha256(ranks());
    }

    /** One token a line: its bytes in base64, and its id. */
    static byte[] ranks() {
        try (InputStream ranks = Encodings.class.getResourceAsStream("r50k_base.tiktoken")) {
            if (ranks == null) {
                throw new IllegalStateException("jtokkit carries no r50k_base.tiktoken");
            }
            return ranks.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
