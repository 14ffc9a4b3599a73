package org.hopespark.data.tokenizer;

/**
 * Text to ids and back. No text is ever read as a document mark or another control token.
 *
 * <p>An instance belongs to one thread.
 */
public interface Tokenizer extends AutoCloseable {
    /** What reports call it. */
    String name();

    /** One more than the greatest id. */
    int vocabularySize();

    /** The id in front of each document. */
    int documentStart();

    /** The id behind each document, and of padding. */
    int documentEnd();

    /** Ids of a text, without document marks. */
    int[] encode(String text);

    /** The text of ids that hold no document marks. */
    String decode(int[] ids);

    /** SHA-256 of what defines the mapping; two tokenizers with the same one give the same ids. */
    String fingerprint();

    @Override
    default void close() {}
}
