package org.hopespark.data.tokenizer;

/**
 * A tokenizer with the marks of the data set that it belongs to: which of a file's control tokens mark documents has
 * been chosen otherwise by earlier versions.
 */
record RemarkedTokenizer(Tokenizer tokenizer, int documentStart, int documentEnd) implements Tokenizer {

    /** The tokenizer itself where it has these marks. */
    static Tokenizer of(Tokenizer tokenizer, TokenizerInfo info) {
        boolean same =
                tokenizer.documentStart() == info.documentStart() && tokenizer.documentEnd() == info.documentEnd();
        return same ? tokenizer : new RemarkedTokenizer(tokenizer, info.documentStart(), info.documentEnd());
    }

    @Override
    public String name() {
        return tokenizer.name();
    }

    @Override
    public int vocabularySize() {
        return tokenizer.vocabularySize();
    }

    @Override
    public int[] encode(String text) {
        return tokenizer.encode(text);
    }

    @Override
    public String decode(int[] ids) {
        return tokenizer.decode(ids);
    }

    @Override
    public String fingerprint() {
        return tokenizer.fingerprint();
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
