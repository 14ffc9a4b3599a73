package org.hopespark.data.tokenizer;

import java.nio.charset.StandardCharsets;
import org.apache.commons.codec.digest.DigestUtils;

/** The bytes of UTF-8 are the ids; 256 marks documents. */
public final class ByteTokenizer implements Tokenizer {
    private static final int MARK = 256;

    @Override
    public String name() {
        return "bytes";
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
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Byte.toUnsignedInt(bytes[i]);
        }
        return ids;
    }

    @Override
    public String decode(int[] ids) {
        byte[] bytes = new byte[ids.length];
        for (int i = 0; i < ids.length; i++) {
            bytes[i] = (byte) ids[i];
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public String fingerprint() {
        return DigestUtils.sha256Hex("UTF-8 bytes, 256 marks documents");
    }
}
