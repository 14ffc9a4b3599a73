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

    /** Scores {@code model} on the first {@code limit} documents; 0 means all. */
    List<Measurement> measure(TaskFiles files, int limit, LanguageModel model);
}
