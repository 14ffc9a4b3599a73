package org.hopespark.data.filter;

import java.util.Locale;
import org.hopespark.conf.LanguageConfig;
import org.hopespark.data.source.Document;

/** Keeps documents of some languages; see {@link LanguageConfig}. */
record LanguageFilter(LanguageConfig config, LanguageDetection detection) implements Stage {

    LanguageFilter(LanguageConfig config) {
        this(config, new LanguageDetection());
    }

    /** With the version of the model, which decides, too. */
    @Override
    public String name() {
        return config.describe() + " by " + LanguageDetection.MODEL;
    }

    @Override
    public Outcome apply(Document document) {
        LanguageDetection.Language found = detection.of(document.text());
        if (!config.keep().isEmpty() && !config.keep().contains(found.code())) {
            return new Remove("language: another", found.toString());
        } else if (found.score() < config.leastScore()) {
            return new Remove("language: uncertain", found.toString());
        }
        return new Keep(document.with("language", found.code())
                .with("language-score", String.format(Locale.ROOT, "%.3f", found.score())));
    }
}
