package org.hopespark.model.eval;

/** Receives the documents of a task, in order, each with what came of it. */
@FunctionalInterface
public interface SampleLog {
    /** Keeps nothing. */
    SampleLog NONE = sample -> {};

    /** The next document. */
    void add(LoggedSample sample);
}
