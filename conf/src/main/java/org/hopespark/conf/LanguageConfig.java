package org.hopespark.conf;

import java.util.List;

/**
 * Keeps documents of some languages, and writes what language a document has into its metadata: {@code language} and
 * {@code language-score}.
 *
 * @param keep languages that stay, by their codes of ISO 639-3 such as {@code eng}; all if there is none
 * @param leastScore the score a document needs to stay, FineWeb's by default (Penedo et al. 2024, arXiv:2406.17557):
 *     how probable its language is if it is one of the two most probable ones, so at least 0.5
 */
public record LanguageConfig(List<String> keep, double leastScore) implements StageConfig {
    static final LanguageConfig DEFAULT = new LanguageConfig(List.of(), 0.65);

    public LanguageConfig {
        keep = List.copyOf(keep);
        Checks checks = new Checks();
        for (String code : keep) {
            checks.that(
                    code.matches("[a-z]{3}"),
                    "keep wants codes of three letters (ISO 639-3), such as eng, got '" + code + "'");
        }
        checks.that(leastScore >= 0 && leastScore <= 1, "least-score must lie in 0..1, got " + leastScore);
        checks.done();
    }
}
