package org.hopespark.model.eval;

import java.util.List;

/** One benchmark: which files it comes in, what it asks a model and how answers become scores. */
public interface Task {
    /** The name in lm-evaluation-harness. */
    String name();

    /** The version of the rules there; scores of different versions do not compare. */
    int version();

    /** Names under which the task's file is looked for in a folder, the preferred first. */
    List<String> fileNames();

    /** Documents of the published set. */
    int documents();

    /** Scores {@code model} on the first {@code limit} documents of a file; 0 means all. */
    List<Measurement> measure(TaskFile file, int limit, LanguageModel model);
}
