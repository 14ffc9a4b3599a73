package org.hopespark.model.eval;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Continual translation of a novel language (Nested Learning, section 9.1): pairs of sentences of a language that no
 * pretraining has seen, then a sentence to be put into English; with several languages, which are read one after the
 * other, each is asked for at the end, so that the first may have been forgotten.
 *
 * @param languages in the order in which they are read
 */
record NewLanguages(List<Language> languages) implements Task {
    /** Kalamang is that of MTOB (Tanzer et al. 2023, arXiv 2309.16575). */
    enum Language {
        KALAMANG("Kalamang"),
        MANCHU("Manchu");

        private final String title;

        Language(String title) {
            this.title = title;
        }

        /** As in names of tasks, files and roles. */
        String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** A sentence and what it means. */
    private record Pair(String foreign, String english) {}

    private static final String METRIC = "chrf";
    private static final int NEW_TOKENS = 64;
    private static final String TRAIN = "-train";
    private static final String TEST = "-test";

    NewLanguages {
        languages = List.copyOf(languages);
    }

    static List<Task> tasks() {
        return List.of(
                new NewLanguages(List.of(Language.MANCHU)),
                new NewLanguages(List.of(Language.KALAMANG)),
                new NewLanguages(List.of(Language.MANCHU, Language.KALAMANG)),
                new NewLanguages(List.of(Language.KALAMANG, Language.MANCHU)));
    }

    @Override
    public String name() {
        return languages.stream().map(Language::label).collect(Collectors.joining("_", "ctnl_", ""));
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public List<NeededFile> files() {
        return languages.stream()
                .flatMap(language -> Stream.of(
                        needed(language, TRAIN, "train_examples.json"),
                        needed(language, TEST, "test_examples_ke.json")))
                .toList();
    }

    private static NeededFile needed(Language language, String part, String published) {
        String own = language.label() + part.replace('-', '_') + ".json";
        List<String> names = new ArrayList<>(List.of(own, own + ".gz"));
        if (language == Language.KALAMANG) {
            names.add("splits/" + published);
        }
        return new NeededFile(language.label() + part, names);
    }

    @Override
    public int documents() {
        return 0;
    }

    @Override
    public OutputType outputType() {
        return OutputType.GENERATE_UNTIL;
    }

    @Override
    public List<Measurement> measure(TaskFiles files, int limit, LanguageModel model, SampleLog log) {
        StringBuilder read = new StringBuilder();
        for (Language language : languages) {
            for (Pair pair : pairs(files.file(language.label() + TRAIN), "translation", "original")) {
                read.append(prompt(language, pair.foreign()))
                        .append(' ')
                        .append(pair.english())
                        .append("\n\n");
            }
        }
        List<Measurement> result = new ArrayList<>();
        for (Language language : languages) {
            List<Pair> test = pairs(files.file(language.label() + TEST), "original", "ground_truth");
            List<Pair> asked = test.subList(0, limit == 0 ? test.size() : Math.min(limit, test.size()));
            Measurement measured = ask(read.toString(), language, asked, model, log);
            result.add(languages.size() == 1 ? measured : measured.of(language.label()));
        }
        if (languages.size() > 1) {
            double mean =
                    result.stream().mapToDouble(Measurement::value).average().orElseThrow();
            result.add(
                    0,
                    Measurement.plain(
                            METRIC,
                            mean,
                            result.stream().mapToLong(Measurement::n).sum()));
        }
        return result;
    }

    private static Measurement ask(
            String read, Language language, List<Pair> asked, LanguageModel model, SampleLog log) {
        List<String> prompts = asked.stream()
                .map(pair -> read + prompt(language, pair.foreign()))
                .toList();
        List<String> written = model.write(prompts, NEW_TOKENS);
        ChrF all = new ChrF();
        for (int i = 0; i < asked.size(); i++) {
            String answer = PythonText.strip(written.get(i)).lines().findFirst().orElse("");
            String reference = asked.get(i).english();
            all.add(answer, reference);
            ObjectNode doc = JsonNodeFactory.instance
                    .objectNode()
                    .put("language", language.label())
                    .put("source", asked.get(i).foreign())
                    .put("answer", answer);
            log.add(new LoggedSample(
                    doc,
                    reference,
                    List.of(LoggedSample.Exchange.written(prompts.get(i), NEW_TOKENS, written.get(i))),
                    Map.of(
                            METRIC,
                            LoggedSample.score(new ChrF().add(answer, reference).score()))));
        }
        return Measurement.plain(METRIC, all.score(), asked.size());
    }

    private static String prompt(Language language, String sentence) {
        return language.title + ": " + sentence + "\nEnglish:";
    }

    /** What MTOB's files hold besides, a mark that forbids training on them, is passed over. */
    private static List<Pair> pairs(TaskFile file, String foreign, String english) {
        List<Pair> pairs = new ArrayList<>();
        for (JsonPlace place : JsonPlace.of(file).items()) {
            if (place.node().has("original")) {
                pairs.add(new Pair(line(place.text(foreign)), line(place.text(english))));
            }
        }
        if (pairs.isEmpty()) {
            throw JsonPlace.of(file).isNo("a list of sentences");
        }
        return pairs;
    }

    private static String line(String text) {
        return PythonText.strip(text).replaceAll("\\s+", " ");
    }
}
