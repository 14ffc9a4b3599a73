package org.hopespark.conf;

import java.io.Serializable;

/**
 * The settings of one stage between reading documents and tokenizing them. A list of stages names each by its record,
 * {@code gopher-quality} for {@link GopherQualityConfig}, alone or with settings that differ from the published ones:
 *
 * <pre>
 * stages:
 *   - normalise
 *   - gopher-quality: {least-words: 30}
 * </pre>
 */
public sealed interface StageConfig extends Serializable
        permits NormaliseConfig,
                GopherQualityConfig,
                GopherRepetitionConfig,
                C4Config,
                FinewebQualityConfig,
                PiiConfig,
                DecontaminateConfig,
                LanguageConfig {

    /** The stage and every one of its settings, the same text for the same settings. */
    default String describe() {
        return RecordBinder.memberName(getClass()) + RecordBinder.toTree((Record) this);
    }
}
