package org.hopespark.data;

/**
 * One text.
 *
 * @param id identifies it within {@code source}
 * @param text what it says
 * @param source name of the input file it comes from
 */
public record Document(String id, String text, String source) {}
