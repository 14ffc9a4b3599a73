package org.hopespark.data.filter;

import static org.hopespark.data.filter.Limits.above;
import static org.hopespark.data.filter.Limits.below;
import static org.hopespark.data.filter.Shape.share;

import java.util.Optional;
import org.hopespark.conf.FinewebQualityConfig;
import org.hopespark.data.source.Document;

/** The rules that FineWeb adds; see {@link FinewebQualityConfig}. */
record FinewebQuality(FinewebQualityConfig config, SharedShape shapes) implements Stage {

    @Override
    public String name() {
        return config.describe();
    }

    @Override
    public Outcome apply(Document document) {
        return Limits.outcome(document, broken(shapes.of(document.text())));
    }

    private Optional<Remove> broken(Shape shape) {
        Lines lines = shape.lines();
        int all = 0;
        int punctuated = 0;
        int shorts = 0;
        for (int i = 0; i < lines.count(); i++) {
            if (!lines.isBlank(i)) {
                all++;
                punctuated += lines.isPunctuated(i) ? 1 : 0;
                shorts += lines.length(i) <= config.shortLineCharacters() ? 1 : 0;
            }
        }
        if (all == 0) {
            return Optional.of(new Remove("fineweb: blank"));
        }
        boolean passes = punctuated == 0 && config.keepUnpunctuated();
        double punctuatedLines = passes ? 1 : share(punctuated, all);
        double shortLines = share(shorts, all);
        return below("fineweb: lines without punctuation", punctuatedLines, config.leastPunctuatedLines())
                .or(() -> above("fineweb: short lines", shortLines, config.mostShortLines()))
                .or(() -> above(
                        "fineweb: characters in duplicate lines",
                        share(
                                Duplicates.ofLines(lines, i -> !lines.isBlank(i))
                                        .characters(),
                                shape.characters() - lines.feeds()),
                        config.mostDuplicateLineCharacters()))
                .or(() -> above(
                        "fineweb: line feeds",
                        share(lines.feeds(), shape.words().count()),
                        config.mostLineFeedsPerWord()));
    }
}
