package org.hopespark.model.eval;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * QASPER (Dasigi et al. 2021, arXiv 2105.03011): questions about a paper, whose whole text stands before them. Scored
 * is how likely the first annotator's answer is, as the perplexity of Nested Learning's figure on the number of levels.
 */
final class Qasper implements Task {
    private static final int QUESTIONS = 1_451;

    /** A question, as it stands in the file, and what the model is asked. */
    private record Asked(JsonNode doc, Request request) {}

    @Override
    public String name() {
        return "qasper";
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public List<NeededFile> files() {
        return NeededFile.only("qasper-test-v0.3.json", "qasper-test-v0.3.json.gz", "qasper.json", "qasper.json.gz");
    }

    /** Of the test part. */
    @Override
    public int documents() {
        return QUESTIONS;
    }

    @Override
    public OutputType outputType() {
        return OutputType.LOGLIKELIHOOD;
    }

    /** {@code perplexity} of the answers' tokens. */
    @Override
    public List<Measurement> measure(TaskFiles files, int limit, LanguageModel model, SampleLog log) {
        List<Asked> asked = questions(files.only(), limit);
        List<Likelihood> answers =
                model.continuations(asked.stream().map(Asked::request).toList());
        double logLikelihood = 0;
        long tokens = 0;
        for (int i = 0; i < asked.size(); i++) {
            Likelihood answer = answers.get(i);
            logLikelihood += answer.logLikelihood();
            tokens += answer.tokens();
            log.add(new LoggedSample(
                    asked.get(i).doc(),
                    asked.get(i).request().continuation(),
                    List.of(LoggedSample.Exchange.of(asked.get(i).request(), answer)),
                    Map.of("perplexity", LoggedSample.score(answer.logLikelihood(), answer.tokens()))));
        }
        return List.of(Measurement.plain("perplexity", Math.exp(-logLikelihood / tokens), asked.size()));
    }

    private static List<Asked> questions(TaskFile file, int limit) {
        List<Asked> asked = new ArrayList<>();
        for (JsonPlace paper : JsonPlace.of(file).values()) {
            String text = text(paper);
            for (JsonPlace question : paper.list("qas")) {
                if (limit > 0 && asked.size() == limit) {
                    return asked;
                }
                String context = text + "\n\nQuestion: " + question.text("question") + "\nAnswer:";
                asked.add(new Asked(
                        question.node(),
                        new Request(
                                context,
                                " " + answer(question.of("answers").item(0).of("answer")))));
            }
        }
        if (asked.isEmpty()) {
            throw JsonPlace.of(file).isNo("papers with questions");
        }
        return asked;
    }

    private static String text(JsonPlace paper) {
        StringBuilder text =
                new StringBuilder(paper.text("title")).append("\n\n").append(paper.text("abstract"));
        for (JsonPlace section : paper.list("full_text")) {
            JsonPlace name = section.of("section_name");
            text.append("\n\n").append(name.node().isNull() ? "" : name.text());
            text.append(section.list("paragraphs").stream()
                    .map(JsonPlace::text)
                    .map(paragraph -> "\n\n" + paragraph)
                    .collect(Collectors.joining()));
        }
        return text.toString();
    }

    /** As the authors' evaluation turns the four kinds of answers into text. */
    private static String answer(JsonPlace answer) {
        if (answer.node().path("unanswerable").asBoolean()) {
            return "Unanswerable";
        }
        if (!answer.node().path("extractive_spans").isEmpty()) {
            return answer.list("extractive_spans").stream().map(JsonPlace::text).collect(Collectors.joining(", "));
        }
        if (answer.node().path("yes_no").isBoolean()) {
            return answer.node().path("yes_no").booleanValue() ? "Yes" : "No";
        }
        String free = answer.text("free_form_answer");
        if (free.isBlank()) {
            throw answer.isNo("an answer with text, spans, yes_no or unanswerable");
        }
        return free;
    }
}
