package org.hopespark.model.eval.longcontext;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hopespark.conf.UserException;
import org.hopespark.model.eval.JsonPlace;
import org.hopespark.model.eval.NeededFile;
import org.hopespark.model.eval.TaskFile;

/**
 * RULER's {@code qa_1} and {@code qa_2}: a question of a reading set, among its own documents and others of the set.
 * One of its answers must occur in what the model writes.
 *
 * <p>RULER shuffles the documents of every question with one seed, which puts the answer at one place in all of them;
 * here each question has a draw of its own.
 */
final class DocumentQuestions implements Generator {
    /** SQuAD 2.0 (Rajpurkar et al. 2018), development set. */
    static final NeededFile SQUAD =
            new NeededFile("squad", List.of("squad.json", "squad.json.gz", "dev-v2.0.json", "dev-v2.0.json.gz"));

    /** HotpotQA (Yang et al. 2018), development set with distractors. */
    static final NeededFile HOTPOT_QA = new NeededFile(
            "hotpotqa",
            List.of(
                    "hotpotqa.json",
                    "hotpotqa.json.gz",
                    "hotpot_dev_distractor_v1.json",
                    "hotpot_dev_distractor_v1.json.gz"));

    private static final int NEW_TOKENS = 32;
    private static final String INSTRUCTION = "Answer the question based on the given documents."
            + " Only give me the answer and do not output any other words.\n\n";

    private final List<String> documents;
    private final List<Reading> questions;

    /**
     * One question of a set.
     *
     * @param text the question
     * @param answers any of which is right
     * @param own documents that always stand in the context
     * @param near documents that are added before all others, such as those of the same article
     */
    record Reading(String text, List<String> answers, Set<String> own, Set<String> near) {}

    DocumentQuestions(TaskFile file, List<Reading> questions) {
        if (questions.isEmpty()) {
            throw new UserException(file.path() + " has no question with an answer; get the file again, whole");
        }
        this.questions = List.copyOf(questions);
        documents = questions.stream()
                .flatMap(q -> Stream.concat(q.own().stream(), q.near().stream()))
                .collect(Collectors.toCollection(TreeSet::new))
                .stream()
                .toList();
    }

    /** Reads SQuAD's form: {@code data[].paragraphs[]} of {@code context} and {@code qas[]}. */
    static DocumentQuestions squad(TaskFile file) {
        List<Reading> questions = new ArrayList<>();
        JsonPlace root = JsonPlace.of(file);
        for (JsonPlace article : root.list("data")) {
            List<JsonPlace> paragraphs = article.list("paragraphs");
            Set<String> contexts = new LinkedHashSet<>();
            paragraphs.forEach(paragraph -> contexts.add(paragraph.text("context")));
            for (JsonPlace paragraph : paragraphs) {
                String own = paragraph.text("context");
                Set<String> near = new LinkedHashSet<>(contexts);
                near.remove(own);
                for (JsonPlace asked : paragraph.list("qas")) {
                    if (!asked.node().path("is_impossible").asBoolean()) {
                        List<String> answers = asked.list("answers").stream()
                                .map(answer -> answer.text("text"))
                                .toList();
                        questions.add(new Reading(asked.text("question"), answers, Set.of(own), near));
                    }
                }
            }
        }
        return new DocumentQuestions(file, questions);
    }

    /**
     * Reads HotpotQA's form: a list of {@code question}, {@code answer} and {@code context} of titles and sentences.
     */
    static DocumentQuestions hotpotQa(TaskFile file) {
        List<Reading> questions = new ArrayList<>();
        for (JsonPlace asked : JsonPlace.of(file).items()) {
            Set<String> own = new LinkedHashSet<>();
            for (JsonPlace titled : asked.list("context")) {
                own.add(titled.item(0).text() + "\n"
                        + String.join(
                                "",
                                titled.item(1).items().stream()
                                        .map(JsonPlace::text)
                                        .toList()));
            }
            questions.add(new Reading(asked.text("question"), List.of(asked.text("answer")), own, Set.of()));
        }
        return new DocumentQuestions(file, questions);
    }

    @Override
    public int questions() {
        return questions.size();
    }

    @Override
    public int smallest() {
        return 1;
    }

    @Override
    public int newTokens() {
        return NEW_TOKENS;
    }

    @Override
    public Sample sample(int size, Random random) {
        return sample(0, size, random);
    }

    /** With {@code size} documents, or those of its own if they are more. */
    @Override
    public Sample sample(int index, int size, Random random) {
        Reading question = questions.get(index);
        List<String> shown = shown(question, Math.max(size, question.own().size()), random);
        Collections.shuffle(shown, random);
        StringBuilder context = new StringBuilder();
        for (int i = 0; i < shown.size(); i++) {
            context.append("Document ")
                    .append(i + 1)
                    .append(":\n")
                    .append(shown.get(i))
                    .append("\n\n");
        }
        return new Sample(
                INSTRUCTION + "The following are given documents.\n\n" + context + INSTRUCTION + "Question: "
                        + question.text() + " Answer:",
                question.answers(),
                "");
    }

    @Override
    public double score(Sample sample, String written) {
        return sample.anyMatch(written);
    }

    /** As many documents as asked for; more than the set has are its documents again. */
    private List<String> shown(Reading question, int count, Random random) {
        if (count >= documents.size()) {
            return new ArrayList<>(IntStream.range(0, count)
                    .mapToObj(i -> documents.get(i % documents.size()))
                    .toList());
        }
        List<String> shown = new ArrayList<>(question.own());
        List<String> near = new ArrayList<>(question.near());
        shown.addAll(Draw.sample(Math.min(near.size(), count - shown.size()), near, random));
        Set<String> taken = new HashSet<>(shown);
        List<String> others =
                documents.stream().filter(document -> !taken.contains(document)).toList();
        shown.addAll(Draw.sample(count - shown.size(), others, random));
        return shown;
    }
}
