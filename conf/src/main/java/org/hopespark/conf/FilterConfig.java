package org.hopespark.conf;

import java.util.List;

/**
 * Looks at each document on its own.
 *
 * @param stages what a document has to pass, in order
 */
public record FilterConfig(List<StageConfig> stages) implements CorpusStep {
    static final FilterConfig DEFAULT = new FilterConfig(List.of());

    public FilterConfig {
        stages = List.copyOf(stages);
    }
}
