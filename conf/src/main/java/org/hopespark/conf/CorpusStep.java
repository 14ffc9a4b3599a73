package org.hopespark.conf;

import java.io.Serializable;

/** One step of the corpus pipeline, named by its record: {@code exact-duplicates} for {@link ExactDuplicatesConfig}. */
public sealed interface CorpusStep extends Serializable
        permits FilterConfig, ExactDuplicatesConfig, NearDuplicatesConfig, MixtureConfig {

    /** The step's name. */
    default String name() {
        return RecordBinder.memberName(getClass());
    }

    /** The step and every one of its settings, the same text for the same settings. */
    default String describe() {
        return name() + RecordBinder.toTree((Record) this);
    }
}
