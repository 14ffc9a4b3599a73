package org.hopespark.model.eval.longcontext;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
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
 * One task of RULER at one length.
 *
 * @param family its name there
 * @param length tokens of prompt and answer together
 * @param files what its questions are made of
 * @param maker makes the generator
 */
record RulerTask(String family, int length, List<NeededFile> files, Maker maker) implements Task {
    static final int SAMPLES = 500;
    static final long SEED = 42;

    private static final String METRIC = "string_match";
    private static final Set<String> CHANGED = Set.of("vt", "cwe", "fwe");

    /** Prompts that wait in memory for the model at once. */
    private static final int AT_ONCE = 32;

    /** Makes a generator from files, for a length and in a model's tokens. */
    interface Maker {
        Generator generator(TaskFiles files, int length, ToIntFunction<String> countTokens);
    }

    RulerTask {
        files = List.copyOf(files);
    }

    /** Names of all families, in RULER's order. */
    static List<String> families() {
        return Stream.concat(
                        NiahSetting.ALL.stream().map(NiahSetting::name), Stream.of("vt", "cwe", "fwe", "qa_1", "qa_2"))
                .toList();
    }

    /** One of {@link #families()}. */
    static RulerTask of(String family, int length) {
        List<NeededFile> words = List.of(WordLists.ADJECTIVES, WordLists.NOUNS, WordLists.VERBS);
        return switch (family) {
            case "vt" -> new RulerTask(family, length, List.of(), (f, l, count) -> new VariableTracking(count));
            case "cwe" ->
                new RulerTask(
                        family,
                        length,
                        words,
                        (f, l, count) -> new CommonWords(WordLists.all(f, words, CommonWords.leastWords()), l));
            case "fwe" -> new RulerTask(family, length, List.of(), (f, l, count) -> new FrequentWords(l));
            case "qa_1" -> readingSet(family, length, DocumentQuestions.SQUAD, DocumentQuestions::squad);
            case "qa_2" -> readingSet(family, length, DocumentQuestions.HOTPOT_QA, DocumentQuestions::hotpotQa);
            default -> niah(family, length);
        };
    }

    private static RulerTask readingSet(
            String family, int length, NeededFile set, Function<TaskFile, DocumentQuestions> reader) {
        return new RulerTask(family, length, List.of(set), (found, l, count) -> reader.apply(found.file(set.role())));
    }

    private static RulerTask niah(String family, int length) {
        NiahSetting setting = NiahSetting.ALL.stream()
                .filter(s -> s.name().equals(family))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no task of RULER: " + family));
        List<NeededFile> files = new ArrayList<>();
        if (setting.hay() == NiahSetting.Hay.ESSAYS) {
            files.add(Haystack.FILE);
        }
        if (setting.keys() == NiahSetting.Kind.WORD) {
            files.addAll(List.of(WordLists.ADJECTIVES, WordLists.NOUNS));
        }
        return new RulerTask(family, length, files, (found, tokens, count) -> {
            List<String> adjectives =
                    files.contains(WordLists.ADJECTIVES) ? WordLists.read(found, WordLists.ADJECTIVES) : List.of();
            List<String> nouns = files.contains(WordLists.NOUNS) ? WordLists.read(found, WordLists.NOUNS) : List.of();
            Niah.Text text = files.contains(Haystack.FILE)
                    ? new Haystack.Words(found.file(Haystack.ROLE), tokens)::first
                    : words -> "";
            return new Niah(setting, adjectives, nouns, text);
        });
    }

    @Override
    public String name() {
        return family + "@" + length;
    }

    /** 2 where the prompts changed to those of RULER in 2025: {@code vt}, {@code cwe} and {@code fwe}. */
    @Override
    public int version() {
        return CHANGED.contains(family) ? 2 : 1;
    }

    /** Generated, so none. */
    @Override
    public int documents() {
        return 0;
    }

    Samples samples(TaskFiles found, ToIntFunction<String> countTokens) {
        return new Samples(name(), maker.generator(found, length, countTokens), length, countTokens, SEED);
    }

    @Override
    public OutputType outputType() {
        return OutputType.GENERATE_UNTIL;
    }

    @Override
    public List<Measurement> measure(TaskFiles found, int limit, LanguageModel model, SampleLog log) {
        Generator generator = maker.generator(found, length, model::countTokens);
        Samples samples = new Samples(name(), generator, length, model::countTokens, SEED);
        int count = Math.min(limit == 0 ? SAMPLES : Math.min(limit, SAMPLES), generator.questions());
        List<Double> all = new ArrayList<>();
        Map<String, List<Double>> byPart = new TreeMap<>();
        for (int done = 0; done < count; done += AT_ONCE) {
            List<Sample> batch = Stream.generate(samples::next)
                    .limit(Math.min(AT_ONCE, count - done))
                    .toList();
            List<String> written =
                    model.write(batch.stream().map(Sample::prompt).toList(), generator.newTokens());
            for (int i = 0; i < batch.size(); i++) {
                Sample sample = batch.get(i);
                double score = generator.score(sample, written.get(i));
                log.add(logged(sample, generator.newTokens(), written.get(i), score));
                all.add(score);
                byPart.computeIfAbsent(sample.part(), part -> new ArrayList<>()).add(score);
            }
        }
        List<Measurement> result = new ArrayList<>(List.of(mean(all)));
        byPart.forEach((part, scores) -> {
            if (!part.isEmpty()) {
                result.add(mean(scores).of(part));
            }
        });
        return result;
    }

    private LoggedSample logged(Sample sample, int newTokens, String written, double score) {
        ObjectNode doc =
                JsonNodeFactory.instance.objectNode().put("max_length", length).put("part", sample.part());
        sample.answers().forEach(doc.putArray("outputs")::add);
        return new LoggedSample(
                doc,
                doc.path("outputs").toString(),
                List.of(LoggedSample.Exchange.written(sample.prompt(), newTokens, written)),
                Map.of(METRIC, LoggedSample.score(score)));
    }

    private static Measurement mean(List<Double> scores) {
        double[] values = scores.stream().mapToDouble(Double::doubleValue).toArray();
        return Measurement.mean(METRIC, values, 0);
    }
}
