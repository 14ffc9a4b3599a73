package org.hopespark.data.filter;

import static org.hopespark.data.filter.Limits.above;
import static org.hopespark.data.filter.Limits.below;
import static org.hopespark.data.filter.Shape.share;

import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.hopespark.conf.GopherQualityConfig;
import org.hopespark.data.source.Document;

/** The quality rules of Gopher; see {@link GopherQualityConfig}. */
record GopherQuality(GopherQualityConfig config, SharedShape shapes) implements Stage {

    @Override
    public String name() {
        return config.describe();
    }

    @Override
    public Outcome apply(Document document) {
        return Limits.outcome(document, broken(shapes.of(document.text())));
    }

    private Optional<Remove> broken(Shape shape) {
        Words words = config.words() == GopherQualityConfig.Words.PAPER ? shape.wordsBetweenBlanks() : shape.words();
        Lines lines = shape.lines();
        return below("gopher: too few words", words.proper(), config.leastWords())
                .or(() -> above("gopher: too many words", words.proper(), config.mostWords()))
                .or(() -> below("gopher: short words", words.meanCharacters(), config.leastMeanWordCharacters()))
                .or(() -> above("gopher: long words", words.meanCharacters(), config.mostMeanWordCharacters()))
                .or(() -> above(
                        "gopher: hash signs", share(words.hashSigns(), words.count()), config.mostHashesPerWord()))
                .or(() ->
                        above("gopher: ellipses", share(words.ellipses(), words.count()), config.mostEllipsesPerWord()))
                .or(() -> above("gopher: bullets", shareOfLines(lines, lines::isBullet), config.mostBulletLines()))
                .or(() -> above(
                        "gopher: lines that end in an ellipsis",
                        shareOfLines(lines, lines::endsInEllipsis),
                        config.mostEllipsisLines()))
                .or(() -> below(
                        "gopher: words without letters",
                        share(words.alphabetic(), words.count()),
                        config.leastAlphabeticWords()))
                .or(() -> below("gopher: stop words", stopWords(words), config.leastStopWords()));
    }

    private static double shareOfLines(Lines lines, IntPredicate which) {
        return share((double) IntStream.range(0, lines.count()).filter(which).count(), lines.count());
    }

    /** Different stop words in the text, as far as it takes to have enough. */
    private int stopWords(Words words) {
        long[] missing =
                config.stopWords().stream().distinct().mapToLong(Hashes::of).toArray();
        int found = 0;
        for (int i = 0; i < words.count() && found < config.leastStopWords(); i++) {
            for (int k = found; k < missing.length; k++) {
                if (missing[k] == words.hash(i)) {
                    missing[k] = missing[found]; // what is found lies in front
                    missing[found] = words.hash(i);
                    found++;
                    break;
                }
            }
        }
        return found;
    }
}
