package org.hopespark.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.FilterConfig;
import org.hopespark.conf.Settings;
import org.hopespark.data.filter.Stage;
import org.hopespark.data.filter.Stages;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.Document;

/** The filters, each by itself and all in a row, with limits that no document breaks: so every rule is computed. */
final class FilterFigures {
    private static final double GOAL = 15;
    private static final String LANGUAGE = "language";

    /** In the order in which FineWeb has them. */
    private static final Map<String, String> STAGES = new LinkedHashMap<>();

    static {
        STAGES.put("normalise", "normalise");
        STAGES.put(LANGUAGE, "language: {least-score: 0}");
        STAGES.put(
                "gopher-repetition",
                "gopher-repetition: {most-duplicate-paragraphs: 0.999, most-duplicate-paragraph-characters: 0.999,"
                        + " most-duplicate-lines: 0.999, most-duplicate-line-characters: 0.999,"
                        + " most-top-ngram-characters: [0.999, 0.999, 0.999],"
                        + " most-duplicate-ngram-characters: [0.999, 0.999, 0.999, 0.999, 0.999, 0.999]}");
        STAGES.put(
                "gopher-quality",
                "gopher-quality: {least-words: 1, most-words: 100000000, least-mean-word-characters: 0,"
                        + " most-mean-word-characters: 4000, most-hashes-per-word: 4000, most-ellipses-per-word: 4000,"
                        + " most-bullet-lines: 1, most-ellipsis-lines: 1, least-alphabetic-words: 0}");
        STAGES.put("c4", "c4: {terminal-punctuation: false, curly-bracket: false, least-sentences: 0}");
        STAGES.put(
                "fineweb-quality",
                "fineweb-quality: {least-punctuated-lines: 0, most-short-lines: 1,"
                        + " most-duplicate-line-characters: 0.999, most-line-feeds-per-word: 4000}");
        STAGES.put("pii", "pii");
        STAGES.put("decontaminate", "decontaminate: {evaluations: [{task: none, path: '%s', fields: [text]}]}");
    }

    private final Storage storage = new Storage(new Configuration());
    private final List<Document> pages;
    private final Path evaluation;

    private FilterFigures(List<Document> pages, Path evaluation) {
        this.pages = pages;
        this.evaluation = evaluation;
    }

    static List<Figure> of(List<Document> pages, Path scratch) throws IOException {
        Path evaluation = scratch.resolve("evaluation.jsonl");
        DocumentFiles.jsonLines(pages.stream().map(FilterFigures::backwards).toList(), evaluation);
        return new FilterFigures(pages, evaluation).measure();
    }

    /** As many n-grams as the text has, and none that it has. */
    private static Document backwards(Document document) {
        List<String> words = Arrays.asList(document.text().split("\\s+"));
        Collections.reverse(words);
        return document.withText(String.join(" ", words));
    }

    private List<Figure> measure() {
        List<Figure> figures = new ArrayList<>();
        STAGES.keySet().forEach(name -> figures.add(figure("filter " + name, List.of(name), 0)));
        List<String> all = List.copyOf(STAGES.keySet());
        List<String> others =
                all.stream().filter(name -> !name.equals(LANGUAGE)).toList();
        figures.add(figure("filters together, but " + LANGUAGE, others, GOAL));
        figures.add(figure("filters together", all, 0));
        return figures;
    }

    private Figure figure(String name, List<String> stages, double goal) {
        String yaml = stages.stream()
                .map(stage -> "{" + String.format(STAGES.getOrDefault(stage, ""), evaluation) + "}")
                .map(stage -> stage.contains(":") ? stage : stage.substring(1, stage.length() - 1))
                .toList()
                .toString();
        List<Stage> made = Stages.of(
                Settings.parse(name, "stages: " + yaml).bind(FilterConfig.class).stages(), storage);
        double seconds = Rounds.seconds(() -> pages.forEach(page -> filter(made, page)));
        return new Figure(name, Sample.megabytes(pages) / seconds, Figure.MB_PER_SECOND, goal);
    }

    private static void filter(List<Stage> stages, Document document) {
        Document current = document;
        for (Stage stage : stages) {
            if (!(stage.apply(current) instanceof Stage.Keep keep)) {
                return;
            }
            current = keep.document();
        }
    }
}
