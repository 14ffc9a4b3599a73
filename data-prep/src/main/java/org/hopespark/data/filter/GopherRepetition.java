package org.hopespark.data.filter;

import static org.hopespark.data.filter.Limits.above;
import static org.hopespark.data.filter.Shape.share;

import java.util.List;
import java.util.Optional;
import org.hopespark.conf.GopherRepetitionConfig;
import org.hopespark.data.source.Document;

/** The repetition rules of Gopher; see {@link GopherRepetitionConfig}. */
record GopherRepetition(GopherRepetitionConfig config, SharedShape shapes) implements Stage {
    private static final int FIRST_TOP = 2;
    private static final int FIRST_DUPLICATE = 5;

    @Override
    public String name() {
        return config.describe();
    }

    @Override
    public Outcome apply(Document document) {
        return Limits.outcome(document, broken(shapes.of(document.text())));
    }

    private Optional<Remove> broken(Shape shape) {
        double characters = shape.characters();
        Duplicates paragraphs = Duplicates.ofParagraphs(shape.lines());
        Duplicates lines = Duplicates.ofLines(shape.lines(), i -> shape.lines().length(i) > 0);
        return above("gopher: duplicate paragraphs", paragraphs.share(), config.mostDuplicateParagraphs())
                .or(() -> above(
                        "gopher: characters in duplicate paragraphs",
                        share(paragraphs.characters(), characters),
                        config.mostDuplicateParagraphCharacters()))
                .or(() -> above("gopher: duplicate lines", lines.share(), config.mostDuplicateLines()))
                .or(() -> above(
                        "gopher: characters in duplicate lines",
                        share(lines.characters(), characters),
                        config.mostDuplicateLineCharacters()))
                .or(() -> ngrams(shape));
    }

    private Optional<Remove> ngrams(Shape shape) {
        RepeatedNgrams ngrams = new RepeatedNgrams(shape.words());
        List<Double> top = config.mostTopNgramCharacters();
        List<Double> duplicate = config.mostDuplicateNgramCharacters();
        Optional<Remove> broken = Optional.empty();
        while (broken.isEmpty() && ngrams.length() < FIRST_DUPLICATE) {
            ngrams.lengthen();
            int i = ngrams.length() - FIRST_TOP;
            if (i < top.size()) {
                broken = tooMany(
                        "gopher: most frequent n-gram", ngrams.topCharacters(), shape, top.get(i), i + FIRST_TOP);
            }
        }
        for (int i = 0; i < duplicate.size() && broken.isEmpty(); i++) {
            int n = i + FIRST_DUPLICATE;
            broken = tooMany("gopher: duplicate n-grams", ngrams.duplicateCharacters(n), shape, duplicate.get(i), n);
        }
        return broken;
    }

    private static Optional<Remove> tooMany(String reason, long characters, Shape shape, double most, int n) {
        return above(reason, share((double) characters, shape.characters()), most)
                .map(remove -> new Remove(reason, remove.detail() + " for n = " + n));
    }
}
