package org.hopespark.model.eval;

import java.util.List;

/** One benchmark: which files it comes in, what it asks a model and how answers become scores. */
public interface Task {
    /** The name in lm-evaluation-harness, with the setting after {@code @} where a task has one. */
    String name();

    /** The version of the rules there; scores of different versions do not compare. */
    int version();

    /** What it reads; nothing if all is generated. */
    List<NeededFile> files();

    /** Documents of the published set, 0 if there is none. */
    int documents();

    /** What it asks of a model. */
    OutputType outputType();

    /** Scores {@code model} on the first {@code limit} documents, 0 means all; each of them goes to {@code log}. */
    List<Measurement> measure(TaskFiles files, int limit, LanguageModel model, SampleLog log);

    /** The same without a log. */
    default List<Measurement> measure(TaskFiles files, int limit, LanguageModel model) {
        return measure(files, limit, model, SampleLog.NONE);
    }
}
