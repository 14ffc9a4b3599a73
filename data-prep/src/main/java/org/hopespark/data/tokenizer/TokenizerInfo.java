package org.hopespark.data.tokenizer;

/**
 * Which tokenizer made the ids.
 *
 * @param name its name
 * @param vocabularySize one more than its greatest id
 * @param documentStart id in front of a document
 * @param documentEnd id behind a document
 * @param sha256 its fingerprint
 */
public record TokenizerInfo(String name, int vocabularySize, int documentStart, int documentEnd, String sha256) {
    public static TokenizerInfo of(Tokenizer tokenizer) {
        return new TokenizerInfo(
                tokenizer.name(),
                tokenizer.vocabularySize(),
                tokenizer.documentStart(),
                tokenizer.documentEnd(),
                tokenizer.fingerprint());
    }
}
