package org.hopespark.model.eval.longcontext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.hopespark.conf.UserException;
import org.hopespark.model.eval.LoggedSample;
import org.hopespark.model.eval.Measurement;
import org.hopespark.model.eval.NeededFile;
import org.hopespark.model.eval.Task;
import org.hopespark.model.eval.TaskFile;
import org.hopespark.model.eval.TaskFiles;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RulerTest {
    @TempDir
    private Path folder;

    private RulerFiles ruler;

    @BeforeEach
    void writeFiles() throws IOException {
        ruler = new RulerFiles(folder);
        ruler.writeLists();
    }

    @Test
    void aChainOfAssignmentsIsHiddenInNoise() {
        String prompt =
                new VariableTracking(text -> 10_000).sample(6, new Random(1)).prompt();
        String[] parts = prompt.split("\n\n(?=Memorize)", -1);
        String noise = "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.\n";
        assertThat(parts).hasSize(2);
        assertThat(parts[0]).matches("(?s).* they are:  [A-Z]{3} [A-Z]{3} [A-Z]{3} [A-Z]{3} [A-Z]{3}");
        List<String> names = Pattern.compile("VAR (\\w+) =")
                .matcher(parts[1])
                .results()
                .map(m -> m.group(1))
                .toList();
        assertThat(names).hasSize(5).allSatisfy(name -> assertThat(name).matches("[A-Z]{5}"));
        String value = parts[1].replaceAll("(?s).* = (\\d{5})\n.*", "$1");
        String context = parts[1].substring(parts[1].indexOf("\n\n") + 2, parts[1].indexOf("\nQuestion"));
        assertThat(parts[1])
                .isEqualTo("Memorize and track the chain(s) of variable assignment hidden in the following text.\n\n"
                        + context + "\nQuestion: Find all variables that are assigned the value " + value
                        + " in the text above. Answer: According to the chain(s) of variable assignment in the text"
                        + " above, 5 variables are assigned the value " + value + ", they are: ");
        String hidden = "VAR " + names.get(0) + " = " + value + "\n";
        for (int i = 1; i < 5; i++) {
            hidden += "VAR " + names.get(i) + " = VAR " + names.get(i - 1) + " \n";
        }
        assertThat((context + "\n").replace(noise, "")).isEqualTo(hidden);
        assertThat(context.split("The grass", -1)).hasSize(7);
    }

    @Test
    void commonWordsOccurMoreOften() {
        Sample small = ruler.generator("cwe").sample(15, new Random(1));
        String[] lists = small.prompt().split("appear most often\\.\n", -1);
        assertThat(lists).hasSize(3);
        assertThat(counts(lists[1]))
                .hasSize(20)
                .satisfies(c -> assertThat(c.values()).contains(3, 1));
        Map<String, Integer> counts = counts(lists[2]);
        assertThat(counts).hasSize(15);
        assertThat(small.answers())
                .hasSize(10)
                .allSatisfy(word -> assertThat(counts.get(word)).isEqualTo(6));
        assertThat(counts.values().stream().filter(c -> c == 1)).hasSize(5);
        assertThat(lists[0])
                .isEqualTo("Below is a numbered list of words. In these words, some appear more often than others."
                        + " Memorize the ones that ");
        assertThat(lists[1]).startsWith("1. ").contains("in the list are: 1. ").contains(" 10. ");
        assertThat(lists[2])
                .endsWith(" \nQuestion: What are the 10 most common words in the above list? Answer: The top 10 words"
                                .strip()
                        + " that appear most often in the list are:");
        Sample large = new CommonWords(WordLists.all(ruler.files("cwe"), words(), 40), 4096).sample(15, new Random(1));
        assertThat(counts(large.prompt().split("appear most often\\.\n", -1)[2]).values())
                .containsOnly(30, 3);
    }

    @Test
    void frequenciesFallWithTheSquareOfTheRank() {
        Sample sample = new FrequentWords(1050).sample(1000, new Random(1));
        String context = sample.prompt()
                .replaceAll("(?s)^.*Find the three most frequently appeared coded words\\. ", "")
                .replaceAll("(?s)\nQuestion: .*$", "");
        Map<String, Integer> counts = new HashMap<>();
        Arrays.stream(context.split(" ", -1)).forEach(word -> counts.merge(word, 1, Integer::sum));
        // 1000 / zeta(2) = 607.9, over 1, 4, 9, 16.
        assertThat(counts.get("...")).isEqualTo(607);
        assertThat(sample.answers()).extracting(counts::get).containsExactly(151, 67, 37);
        assertThat(counts).hasSize(20);
        assertThat(sample.prompt())
                .endsWith(
                        "\nQuestion: Do not provide any explanation. Please ignore the dots '....'. What are the three"
                                + " most frequently appeared words in the above coded text? Answer: According to the coded text"
                                + " above, the three most frequently appeared words are:");
    }

    @ParameterizedTest
    @MethodSource("families")
    void theContextIsTheGreatestThatFits(String family) {
        int length = 900;
        Samples samples = RulerTask.of(family, length).samples(ruler.files(family), Answering::words);
        Generator generator =
                RulerTask.of(family, length).maker().generator(ruler.files(family), length, Answering::words);
        int greatest = generator.smallest();
        while (greatest < generator.largest() && fits(generator, greatest + 1, length)) {
            greatest++;
        }
        assertThat(samples.size()).isEqualTo(greatest).isGreaterThan(generator.smallest());
        for (int i = 0; i < 20; i++) {
            assertThat(Answering.words(samples.next().prompt()) + generator.newTokens())
                    .isLessThanOrEqualTo(length);
        }
    }

    @Test
    void aLongerQuestionGetsLessContextAndStillFits() throws IOException {
        ruler.write(
                "adjectivelist.txt",
                IntStream.range(3, 40).mapToObj("x"::repeat).collect(Collectors.joining("\n")));
        // Characters stand for tokens, and most keys are longer than the first.
        Samples samples = new Samples("task", ruler.generator("niah_single_2"), 1500, String::length, 5);
        List<Integer> needed = IntStream.range(0, 200)
                .map(i -> samples.next().prompt().length() + 128)
                .boxed()
                .toList();
        assertThat(needed).allSatisfy(n -> assertThat(n).isBetween(1300, 1500)).contains(1500);
        assertThat(needed.stream().filter(n -> n > 1450).count()).isGreaterThan(100);
    }

    @Test
    void theSameSeedGivesTheSamePrompts() {
        for (String family : RulerTask.families()) {
            List<Sample> once = take(RulerTask.of(family, 1300).samples(ruler.files(family), Answering::words));
            List<Sample> again = take(RulerTask.of(family, 1300).samples(ruler.files(family), Answering::words));
            assertThat(once).isEqualTo(again).doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void whoReadsScoresOneAndWhoDoesNotScoresZero(String family) {
        Task task = LongContextTasks.named(family + "@1300").orElseThrow();
        Answering reader = new Answering(RulerTest::lookUp);
        List<Measurement> read = task.measure(ruler.files(family), 40, reader);
        assertThat(read).allSatisfy(m -> {
            assertThat(m.metric()).isEqualTo("string_match");
            assertThat(m.value()).isCloseTo(1, within(1e-12));
        });
        assertThat(read.get(0).part()).isEmpty();
        assertThat(read.get(0).n()).isEqualTo(40);
        assertThat(read.stream().skip(1).mapToLong(Measurement::n).sum()).isIn(0L, 40L);
        assertThat(read.size() > 1).isEqualTo(family.contains("single") || family.contains("multikey"));
        assertThat(reader.prompts).hasSize(40);
        assertThat(reader.newTokens)
                .isEqualTo(Map.of("vt", 30, "cwe", 120, "fwe", 50, "qa_1", 32, "qa_2", 32)
                        .getOrDefault(family, 128));
        assertThat(task.measure(ruler.files(family), 3, new Answering(prompt -> "nothing")))
                .allSatisfy(m -> assertThat(m.value()).isZero());
    }

    @Test
    void everyQuestionIsLoggedWithWhatWasWritten() {
        List<LoggedSample> samples = new ArrayList<>();
        RulerTask.of("qa_1", 900).measure(ruler.files("qa_1"), 2, new Answering(p -> "It is the Town1."), samples::add);
        assertThat(samples)
                .hasSize(2)
                .extracting(s -> s.line(0).path("string_match").doubleValue())
                .containsExactly(0.0, 1.0);
        assertThat(samples.get(1).line(1).path("resps")).hasToString("[[\"It is the Town1.\"]]");
        assertThat(samples.get(1).line(1).path("doc"))
                .hasToString("{\"max_length\":900,\"part\":\"\",\"outputs\":[\"Town1\",\"the Town1\"]}");
        assertThat(samples.get(1).line(1).path("arguments").path("gen_args_0").path("arg_1"))
                .hasToString("{\"do_sample\":false,\"temperature\":0.0,\"max_gen_toks\":32,\"until\":[]}");
    }

    @Test
    void eachAnswerFoundCountsItsShare() {
        Sample sample = new Sample("p", List.of("ABC", "def"), "");
        assertThat(sample.stringMatch("xxabcxx")).isEqualTo(0.5);
        assertThat(sample.stringMatch("DEF, abc")).isEqualTo(1);
    }

    @Test
    void fiveHundredQuestionsAreAskedUnlessLimited() {
        Answering model = new Answering(prompt -> "");
        assertThat(RulerTask.of("fwe", 300)
                        .measure(ruler.files("fwe"), 0, model)
                        .get(0)
                        .n())
                .isEqualTo(500);
    }

    @Test
    void aLengthThatIsTooShortIsToldTheLeast() {
        Task task = RulerTask.of("niah_single_1", 100);
        int least = 128
                + Answering.words(ruler.generator("niah_single_1")
                        .sample(1, new Random(1))
                        .prompt());
        assertThatThrownBy(() -> task.measure(ruler.files("niah_single_1"), 1, new Answering(p -> "")))
                .isInstanceOf(UserException.class)
                .hasMessage("niah_single_1@100: a length of 100 tokens is too short, the shortest prompt and 128 tokens"
                        + " to write need " + least + " tokens of this model; ask for a length of at least " + least);
        assertThat(RulerTask.of("niah_single_1", least)
                        .measure(ruler.files("niah_single_1"), 5, new Answering(p -> ""))
                        .get(0)
                        .n())
                .isEqualTo(5);
    }

    @Test
    void anEmptyOrWrongFileIsNamed() throws IOException {
        Path nouns = ruler.write("nounlist.txt", "cat\n\ncat\n");
        assertThatThrownBy(() -> ruler.measure("niah_single_1"))
                .isInstanceOf(UserException.class)
                .hasMessage(nouns + " has 1 different words, at least 4 are needed, one a line");
        ruler.writeLists();
        Path hay = ruler.write("haystack.txt", " \n");
        assertThatThrownBy(() -> ruler.measure("niah_single_2"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(hay + " holds no text");
        Files.delete(hay);
        Path lines = ruler.write("haystack.jsonl", "{\"txet\": \"a\"}\n");
        assertThatThrownBy(() -> ruler.measure("niah_single_2"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(lines + " line 1: \"text\" must be a text");
        ruler.write("verblist.txt", "go\nrun\nsee\neat\n");
        assertThatThrownBy(() -> ruler.measure("cwe"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("nounlist.txt")
                .hasMessageEndingWith(" have 12 different words together, at least 40 are needed");
    }

    @Test
    void namesHaveAFamilyAndALength() {
        assertThat(LongContextTasks.names())
                .contains(
                        "niah_single_1",
                        "vt",
                        "cwe",
                        "fwe",
                        "qa_1",
                        "qa_2",
                        "babilong_qa1",
                        "babilong_qa20",
                        "position_perplexity")
                .hasSize(34);
        assertThat(LongContextTasks.named("hellaswag")).isEmpty();
        assertThat(LongContextTasks.named("nosuch@4096")).isEmpty();
        assertThat(LongContextTasks.named("babilong_qa7@0").orElseThrow().name())
                .isEqualTo("babilong_qa7@0");
        assertThatThrownBy(() -> LongContextTasks.named("vt"))
                .isInstanceOf(UserException.class)
                .hasMessage("task 'vt' needs a length in tokens, as in vt@4096");
        assertThatThrownBy(() -> LongContextTasks.named("vt@0")).isInstanceOf(UserException.class);
        assertThatThrownBy(() -> LongContextTasks.named("vt@4k")).isInstanceOf(UserException.class);
        assertThat(LongContextTasks.suite("niah", List.of(4096, 8192)))
                .extracting(Task::name)
                .hasSize(12)
                .startsWith("niah_single_1@4096", "niah_single_1@8192", "niah_single_2@4096");
        assertThat(LongContextTasks.suite("ruler", List.of(4096))).hasSize(13);
        assertThat(LongContextTasks.suite("babilong", List.of(0, 1024))).hasSize(10);
        assertThatThrownBy(() -> LongContextTasks.suite("zoo", List.of(1)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("there are niah, ruler, babilong");
    }

    @Test
    void sentencesEndAtStopsButNotAfterTitlesAndInitials() {
        assertThat(
                        Sentences.split(
                                Sentences.fold(
                                        " Mr. Hyde\r\nwent to St. Giles. \u201cWhy?\u201d asked J. M. Barrie!  It cost 3.5 pounds. (So.) end")))
                .containsExactly(
                        "Mr. Hyde went to St. Giles.",
                        "\u201cWhy?\u201d asked J. M. Barrie!",
                        "It cost 3.5 pounds.",
                        "(So.) end");
    }

    /** Needs -Dhope.data=FOLDER with published word lists and books. */
    @Test
    void thePublishedListsAndBooksMakeEveryTask() throws IOException {
        String data = System.getProperty("hope.data", "");
        assumeTrue(!data.isEmpty(), "needs -Dhope.data=FOLDER with eval/ruler and corpus/books");
        Path words = Path.of(data, "eval/ruler/wonderwords");
        Path books = Path.of(data, "corpus/books/books-00001-of-00008.jsonl.gz");
        TaskFiles files = new TaskFiles(Map.of(
                "adjectives", new TaskFile(words.resolve("adjectivelist.txt")),
                "nouns", new TaskFile(words.resolve("nounlist.txt")),
                "verbs", new TaskFile(words.resolve("verblist.txt")),
                "haystack", new TaskFile(books)));
        for (Task task : LongContextTasks.suite("ruler", List.of(4096)).stream()
                .filter(ruler -> !ruler.name().startsWith("qa_"))
                .toList()) {
            Answering model = new Answering(RulerTest::lookUp);
            assertThat(task.measure(files, 5, model).get(0).value())
                    .as(task.name())
                    .isCloseTo(1, within(1e-12));
            assertThat(model.prompts)
                    .allSatisfy(prompt -> assertThat(Answering.words(prompt) + model.newTokens)
                            .isBetween(3900, 4096));
        }
    }

    static Collection<String> families() {
        return RulerTask.families();
    }

    /** Reads as a person would who trusts no one. */
    private static String lookUp(String prompt) {
        if (prompt.startsWith("Memorize")) {
            String question = prompt.substring(prompt.lastIndexOf("Memorize and track"));
            return question.replaceAll("(?s)^.*?VAR|\nQuestion.*", "VAR");
        }
        if (prompt.startsWith("Below")) {
            return mostCommon(counts(prompt.substring(prompt.lastIndexOf("appear most often.\n") + 19)), 10);
        }
        if (prompt.startsWith("Read")) {
            Map<String, Integer> counts = new HashMap<>();
            String context = prompt.replaceAll("(?s)^.*coded words\\. |\nQuestion: .*$", "");
            Arrays.stream(context.split(" ", -1)).forEach(word -> counts.merge(word, 1, Integer::sum));
            return mostCommon(counts, 4);
        }
        if (prompt.startsWith("Answer")) {
            String place = prompt.replaceAll("(?s)^.*(Land\\d+|Vale\\d+)\\? Answer:$", "$1");
            String known = place.replace("Vale", "Flow");
            return prompt.replaceAll("(?s)^.*The (?:town|sea) of " + known + " is (\\w+)\\..*$", "$1");
        }
        String asked = prompt.substring(prompt.lastIndexOf(" for ") + 5).replace(" mentioned in the provided text", "");
        List<String> keys = Arrays.asList(asked.split(",? (?:and )?", -1));
        return RulerFiles.needles(prompt).stream()
                .filter(m -> keys.contains(m.group(1)))
                .map(m -> m.group(2))
                .collect(Collectors.joining(", "));
    }

    private static String mostCommon(Map<String, Integer> counts, int count) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(count)
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(" "));
    }

    /** Of a numbered list, up to its question. */
    private static Map<String, Integer> counts(String list) {
        Map<String, Integer> counts = new HashMap<>();
        Arrays.stream(list.substring(0, list.indexOf("\nQuestion")).split(" ?\\d+\\. ", -1))
                .skip(1)
                .forEach(word -> counts.merge(word, 1, Integer::sum));
        return counts;
    }

    private static boolean fits(Generator generator, int size, int length) {
        Sample sample = generator.sample(size, new Random(new Random(RulerTask.SEED).nextLong()));
        return Answering.words(sample.prompt() + " " + String.join(" ", sample.answers())) + generator.newTokens()
                <= length;
    }

    private static List<Sample> take(Samples samples) {
        List<Sample> result = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            result.add(samples.next());
        }
        return result;
    }

    private static List<NeededFile> words() {
        return List.of(WordLists.ADJECTIVES, WordLists.NOUNS, WordLists.VERBS);
    }
}
