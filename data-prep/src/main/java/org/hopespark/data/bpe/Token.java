package org.hopespark.data.bpe;

/**
 * What an id stands for.
 *
 * @param bytes its bytes, at least one
 * @param id the id
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Token(byte[] bytes, int id) {}
