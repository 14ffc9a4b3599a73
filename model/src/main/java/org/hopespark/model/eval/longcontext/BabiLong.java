package org.hopespark.model.eval.longcontext;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.hopespark.model.eval.LanguageModel;
import org.hopespark.model.eval.LoggedSample;
import org.hopespark.model.eval.Measurement;
import org.hopespark.model.eval.NeededFile;
import org.hopespark.model.eval.OutputType;
import org.hopespark.model.eval.SampleLog;
import org.hopespark.model.eval.Task;
import org.hopespark.model.eval.TaskFile;
import org.hopespark.model.eval.TaskFiles;

/**
 * One task of BABILong at one length, asked without instruction or examples: context, line break, question. Small
 * models are fine-tuned on {@link #writeTraining} first.
 */
public final class BabiLong implements Task {
    static final int TASKS = 20;

    private static final List<String> SUBJECTS = List.of(
            "single-supporting-fact",
            "two-supporting-facts",
            "three-supporting-facts",
            "two-arg-relations",
            "three-arg-relations",
            "yes-no-questions",
            "counting",
            "lists-sets",
            "simple-negation",
            "indefinite-knowledge",
            "basic-coreference",
            "conjunction",
            "compound-coreference",
            "time-reasoning",
            "basic-deduction",
            "basic-induction",
            "positional-reasoning",
            "size-reasoning",
            "path-finding",
            "agents-motivations");
    private static final Pattern COMMA = Pattern.compile(",");
    private static final String BABI = "babi";
    private static final int QUESTIONS = 1000;
    private static final int AT_ONCE = 32;
    private static final long SEED = 42;

    private final int number;
    private final int length;

    /** Task qa{@code number}; length 0 is facts without books. */
    BabiLong(int number, int length) {
        this.number = number;
        this.length = length;
    }

    @Override
    public String name() {
        return "babilong_qa" + number + "@" + length;
    }

    @Override
    public int version() {
        return 2;
    }

    @Override
    public int documents() {
        return QUESTIONS;
    }

    @Override
    public List<NeededFile> files() {
        String name = "qa" + number + "_" + SUBJECTS.get(number - 1) + "_test.txt";
        NeededFile babi = new NeededFile(BABI, List.of(name));
        return length == BabiLongPrompts.ONLY_FACTS ? List.of(babi) : List.of(babi, Haystack.FILE);
    }

    @Override
    public OutputType outputType() {
        return OutputType.GENERATE_UNTIL;
    }

    @Override
    public List<Measurement> measure(TaskFiles found, int limit, LanguageModel model, SampleLog log) {
        List<BabiQuestion> all = BabiQuestion.read(found.file(BABI));
        List<BabiQuestion> questions = limit == 0 ? all : all.subList(0, Math.min(limit, all.size()));
        BabiLongPrompts prompts = prompts(found, model::countTokens);
        prompts.check(questions);
        Set<String> labels = labels(all);
        Random random = new Random(SEED);
        double[] firstSentence = new double[questions.size()];
        double[] anywhere = new double[questions.size()];
        for (int done = 0; done < questions.size(); done += AT_ONCE) {
            List<BabiQuestion> batch = questions.subList(done, Math.min(questions.size(), done + AT_ONCE));
            List<String> asked =
                    batch.stream().map(q -> prompts.prompt(q, random)).toList();
            List<String> written = model.write(asked, BabiLongPrompts.NEW_TOKENS);
            for (int i = 0; i < batch.size(); i++) {
                firstSentence[done + i] = isAnswered(batch.get(i), written.get(i), labels) ? 1 : 0;
                anywhere[done + i] = contains(written.get(i), batch.get(i).answer()) ? 1 : 0;
                log.add(new LoggedSample(
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("question", batch.get(i).text())
                                .put("target", batch.get(i).answer()),
                        batch.get(i).answer(),
                        List.of(LoggedSample.Exchange.written(
                                asked.get(i), BabiLongPrompts.NEW_TOKENS, written.get(i))),
                        Map.of(
                                "acc", LoggedSample.score(firstSentence[done + i]),
                                "acc_anywhere", LoggedSample.score(anywhere[done + i]))));
            }
        }
        double chance = 1.0 / all.stream().map(BabiQuestion::answer).distinct().count();
        return List.of(
                Measurement.mean("acc", firstSentence, chance), Measurement.mean("acc_anywhere", anywhere, chance));
    }

    /**
     * Writes prompts and answers to fine-tune on, one JSON line {@code {"prompt": ..., "answer": ...}} for each
     * question of a train file at each length; the answer follows the prompt after a space.
     *
     * @param babi a file such as {@code qa1_single-supporting-fact_train.txt}
     * @param haystack books, other than those of the evaluation
     * @param lengths tokens of prompt and answer together; 0 is facts without books
     * @param countTokens of the model that is to be fine-tuned
     * @param to rewritten
     * @return lines written
     */
    public static long writeTraining(
            TaskFile babi, TaskFile haystack, List<Integer> lengths, ToIntFunction<String> countTokens, Path to) {
        List<BabiQuestion> questions = BabiQuestion.read(babi);
        ObjectMapper json = new ObjectMapper();
        List<BabiLongPrompts> generators = new ArrayList<>();
        BookSentences books = new BookSentences(haystack, countTokens);
        for (int length : lengths) {
            BabiLongPrompts prompts = new BabiLongPrompts(
                    babi.path().toString(),
                    length,
                    countTokens,
                    length == BabiLongPrompts.ONLY_FACTS ? Optional.empty() : Optional.of(books));
            prompts.check(questions);
            generators.add(prompts);
        }
        Random random = new Random(SEED);
        long lines = 0;
        try (BufferedWriter out = Files.newBufferedWriter(to)) {
            for (BabiQuestion question : questions) {
                for (BabiLongPrompts prompts : generators) {
                    out.write(json.writeValueAsString(
                            Map.of("prompt", prompts.prompt(question, random), "answer", question.answer())));
                    out.write('\n');
                    lines++;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + to, e);
        }
        return lines;
    }

    /** What can be answered to the questions of a file: its answers, and the parts of those that are lists. */
    static Set<String> labels(List<BabiQuestion> questions) {
        return questions.stream()
                .flatMap(question -> parts(question.answer()).stream())
                .collect(Collectors.toSet());
    }

    /** A list such as milk,apple has parts; a way such as n,w is one answer. */
    private static List<String> parts(String answer) {
        String lower = answer.toLowerCase(Locale.ROOT);
        return lower.length() > 3 ? List.of(COMMA.split(lower)) : List.of(lower);
    }

    /**
     * The reference's rule: of all labels that the question does not name the first sentence has those of the answer
     * and no other, in any order; an imitated example or question does not belong to it.
     */
    static boolean isAnswered(BabiQuestion question, String written, Set<String> labels) {
        String first = before("Question", written).toLowerCase(Locale.ROOT);
        String sentence = before(".", before("<context>", before("<example>", first)));
        String asked = question.text().toLowerCase(Locale.ROOT);
        Set<String> given = labels.stream()
                .filter(label -> sentence.contains(label) && !asked.contains(label))
                .collect(Collectors.toSet());
        return given.equals(Set.copyOf(parts(question.answer())));
    }

    private static String before(String end, String text) {
        int at = text.indexOf(end);
        return at < 0 ? text : text.substring(0, at);
    }

    private static boolean contains(String text, String answer) {
        return text.toLowerCase(Locale.ROOT).contains(answer.toLowerCase(Locale.ROOT));
    }

    private BabiLongPrompts prompts(TaskFiles found, ToIntFunction<String> countTokens) {
        Optional<BookSentences> books = length == BabiLongPrompts.ONLY_FACTS
                ? Optional.empty()
                : Optional.of(new BookSentences(found.file(Haystack.ROLE), countTokens));
        return new BabiLongPrompts(name(), length, countTokens, books);
    }
}
