package org.hopespark.jobs.adapter;

import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.data.tokenizer.TokenizerInfo;
import org.hopespark.model.eval.TextEncoder;

/**
 * A data set's tokenizer as evaluation sees it.
 *
 * @param info which one it is
 */
public record TokenizerEncoder(Tokenizer tokenizer, TokenizerInfo info) implements TextEncoder {
    @Override
    public int[] encode(String text) {
        return tokenizer.encode(text);
    }

    @Override
    public String decode(int[] ids) {
        return tokenizer.decode(ids);
    }

    @Override
    public int prefixToken() {
        return tokenizer.documentStart();
    }

    @Override
    public String name() {
        return info.name();
    }

    @Override
    public String fingerprint() {
        return info.sha256();
    }
}
