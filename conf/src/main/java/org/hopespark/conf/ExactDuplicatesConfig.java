package org.hopespark.conf;

/** Keeps the first of all documents that differ in white space, case and Unicode form alone. */
public record ExactDuplicatesConfig() implements CorpusStep {
    static final ExactDuplicatesConfig DEFAULT = new ExactDuplicatesConfig();
}
