package org.hopespark.data;

import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.ConfigException;

/** Tokenizers by name. */
public final class Tokenizers {
    private static final String HUGGING_FACE = "huggingface:";

    private Tokenizers() {}

    /** {@link #of(String, Storage)} with Hadoop's default settings. */
    public static Tokenizer of(String name) {
        return of(name, new Storage(new Configuration()));
    }

    /**
     * {@code bytes}, {@code gpt2}, or {@code huggingface:PATH} with an optional {@code #TOKEN} that marks documents.
     */
    public static Tokenizer of(String name, Storage storage) {
        if (name.equals("bytes")) {
            return new ByteTokenizer();
        } else if (name.equals("gpt2")) {
            return new Gpt2Tokenizer();
        } else if (name.startsWith(HUGGING_FACE)) {
            String place = name.substring(HUGGING_FACE.length());
            int hash = place.indexOf('#');
            return hash < 0
                    ? HuggingFaceTokenizer.read(place, "", storage)
                    : HuggingFaceTokenizer.read(place.substring(0, hash), place.substring(hash + 1), storage);
        }
        throw new ConfigException(
                "unknown tokenizer '" + name + "'; known: bytes, gpt2, huggingface:PATH/tokenizer.json");
    }

    /** The same tokenizer by a name that every process understands, whatever its working folder. */
    public static String qualified(String name, Storage storage) {
        return name.startsWith(HUGGING_FACE)
                ? HUGGING_FACE + storage.qualified(name.substring(HUGGING_FACE.length()))
                : name;
    }
}
