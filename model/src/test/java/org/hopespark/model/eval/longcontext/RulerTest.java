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
import java.util.regex.MatchResult;
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
    private static final Pattern NEEDLE = Pattern.compile("One of the special magic \\w+ for (\\S+) is: (\\S+)\\.");

    @TempDir
    private Path folder;

    @BeforeEach
    void writeLists() throws IOException {
        write("adjectivelist.txt", "red\nbig\nold\nwet\n");
        write("nounlist.txt", "cat\ndog\nfox\nowl\n");
        write("verblist.txt", IntStream.range(0, 60).mapToObj(i -> "verb" + i).collect(Collectors.joining("\n")));
        write("haystack.txt", hundredSentences());
        write("squad.json", lands());
        write("hotpotqa.json", rivers());
    }

    /** 15 articles of SQuAD's form with a paragraph a land; the fourth question of an article has no answer. */
    private static String lands() {
        List<String> articles = new ArrayList<>();
        for (int article = 0; article < 15; article++) {
            List<String> paragraphs = new ArrayList<>();
            for (int land = 3 * article; land < 3 * article + 3; land++) {
                paragraphs.add(String.format(
                        "{\"context\": \"Land%1$d has hills. The town of Land%1$d is Town%1$d.\", \"qas\": [{\"question\":"
                                + " \"What is the town of Land%1$d?\", \"is_impossible\": false, \"answers\": [{\"text\":"
                                + " \"Town%1$d\"}, {\"text\": \"the Town%1$d\"}]}%2$s]}",
                        land,
                        land % 3 == 2 ? ", {\"question\": \"Who?\", \"is_impossible\": true, \"answers\": []}" : ""));
            }
            articles.add("{\"title\": \"t\", \"paragraphs\": [" + String.join(", ", paragraphs) + "]}");
        }
        return "{\"version\": \"v2.0\", \"data\": [" + String.join(", ", articles) + "]}";
    }

    /** 45 questions of HotpotQA's form, each with two documents of its own that no other has. */
    private static String rivers() {
        return IntStream.range(0, 45)
                .mapToObj(i -> String.format(
                        "{\"question\": \"Which sea has the river of Vale%1$d?\", \"answer\": \"Sea%1$d\", \"context\":"
                                + " [[\"Vale%1$d\", [\"The river of Vale%1$d is Flow%1$d.\", \" It is long.\"]], [\"Flow%1$d\","
                                + " [\"The sea of Flow%1$d is Sea%1$d.\"]]]}",
                        i))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    @Test
    void aQuestionStandsBetweenInstructionsBelowItsDocuments() {
        Sample sample = generator("qa_1").sample(4, 2, new Random(1));
        String instruction = "Answer the question based on the given documents. Only give me the answer and do not"
                + " output any other words.\n\n";
        String[] documents = sample.prompt().split("Document \\d:\n", -1);
        assertThat(documents).hasSize(3);
        assertThat(documents[0]).isEqualTo(instruction + "The following are given documents.\n\n");
        assertThat(documents[2]).endsWith("\n\n" + instruction + "Question: What is the town of Land4? Answer:");
        // Two documents: that of the question and another one of the same article.
        assertThat(documents[1] + documents[2])
                .contains("Land4 has hills. The town of Land4 is Town4.\n\n")
                .containsPattern("Land[35] has hills");
        assertThat(sample.answers()).containsExactly("Town4", "the Town4");

        String hotpot = generator("qa_2").sample(7, 1, new Random(1)).prompt();
        assertThat(hotpot)
                .as("all of its own documents, however few are asked for")
                .contains("Vale7\nThe river of Vale7 is Flow7. It is long.\n\n", "Flow7\nThe sea of Flow7 is Sea7.\n\n")
                .contains("Document 2:\n")
                .doesNotContain("Document 3:");
    }

    @Test
    void otherDocumentsOfTheSetFillTheContext() {
        Generator generator = generator("qa_1");
        Random random = new Random(5);
        Map<Integer, Integer> places = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            String prompt = generator.sample(20, 20, random).prompt();
            List<String> lands = Pattern.compile("Document \\d+:\n(\\w+)")
                    .matcher(prompt)
                    .results()
                    .map(m -> m.group(1))
                    .toList();
            assertThat(lands).hasSize(20).doesNotHaveDuplicates().contains("Land18", "Land19", "Land20");
            places.merge(lands.indexOf("Land20"), 1, Integer::sum);
        }
        assertThat(places).as("the answer is everywhere").hasSizeGreaterThan(15);
        String all = generator.sample(20, 100, random).prompt();
        assertThat(all.split("Document ", -1))
                .as("45 documents, again from the start")
                .hasSize(101);
        assertThat(all.split("Land20 has hills", -1).length).isIn(3, 4);
    }

    @Test
    void oneAnswerOfAReadingQuestionIsEnough() {
        Generator generator = generator("qa_1");
        Sample sample = generator.sample(0, 1, new Random(1));
        assertThat(generator.questions()).isEqualTo(45);
        assertThat(generator.score(sample, " town0, I think")).isEqualTo(1);
        assertThat(generator.score(sample, "Tow n0")).isZero();
        assertThat(RulerTask.of("qa_1", 900)
                        .measure(files("qa_1"), 0, new Answering(p -> ""))
                        .get(0)
                        .n())
                .as("no question is asked twice")
                .isEqualTo(45);
    }

    @Test
    void aReadingSetThatIsNotAsPublishedIsNamedWithThePlace() throws IOException {
        Path squad = write("squad.json", "{\"data\": [{\"paragraphs\": [{\"context\": 7, \"qas\": []}]}]}");
        assertThatThrownBy(() -> measure("qa_1"))
                .isInstanceOf(UserException.class)
                .hasMessage(squad + ": data[0].paragraphs[0].context must be a text, found number; get the published"
                        + " file again, whole");
        write("squad.json", "{\"data\": []}");
        assertThatThrownBy(() -> measure("qa_1")).hasMessageStartingWith(squad + " has no question with an answer");
        Path hotpot = write("hotpotqa.json", "{}");
        assertThatThrownBy(() -> measure("qa_2")).hasMessageStartingWith(hotpot + ": the file must be a list");
        write("hotpotqa.json", "[{\n\"question\": ");
        assertThatThrownBy(() -> measure("qa_2"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(hotpot + " is not valid JSON at line 2 (");
    }

    @Test
    void aSingleNeedleIsAskedForInTheSingular() {
        Sample sample = generator("niah_single_1").sample(2, new Random(1));
        MatchResult needle = needles(sample.prompt()).get(0);
        String noise = "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.";
        String key = needle.group(1);
        String number = needle.group(2);
        assertThat(key).matches("(red|big|old|wet)-(cat|dog|fox|owl)");
        assertThat(number).matches("[1-9]\\d{6}");
        String before = sample.prompt().contains(noise + "\nOne of") ? noise + "\n" : "";
        String after = before.isEmpty() ? "\n" + noise : "";
        assertThat(sample.prompt())
                .isEqualTo(
                        "A special magic number is hidden within the following text. Make sure to memorize it. I will"
                                + " quiz you about the number afterwards.\n"
                                + before + "One of the special magic numbers for " + key + " is: " + number + "."
                                + after
                                + "\n" + noise
                                + "\nWhat is the special magic number for " + key + " mentioned in the provided text?"
                                + " The special magic number for " + key + " mentioned in the provided text is");
        assertThat(sample.answers()).containsExactly(number);
    }

    @Test
    void severalAnswersAreAskedForInThePlural() {
        Sample sample = generator("niah_multiquery").sample(200, new Random(1));
        List<MatchResult> needles = needles(sample.prompt());
        assertThat(needles).extracting(m -> m.group(1)).doesNotHaveDuplicates().hasSize(4);
        List<String> keys = sample.answers().stream()
                .map(answer -> needles.stream()
                        .filter(m -> m.group(2).equals(answer))
                        .findFirst()
                        .orElseThrow()
                        .group(1))
                .toList();
        String list = keys.get(0) + ", " + keys.get(1) + ", " + keys.get(2) + ", and " + keys.get(3);
        assertThat(sample.prompt())
                .startsWith("Some special magic numbers are hidden within the following text. Make sure to memorize it."
                        + " I will quiz you about the numbers afterwards.\n")
                .endsWith("\nWhat are all the special magic numbers for " + list
                        + " mentioned in the provided text? The special magic numbers for " + list
                        + " mentioned in the provided text are");
        Sample values = generator("niah_multivalue").sample(200, new Random(1));
        assertThat(needles(values.prompt())).extracting(m -> m.group(1)).hasSize(4);
        assertThat(needles(values.prompt()).stream().map(m -> m.group(1)).distinct())
                .hasSize(1);
        assertThat(values.answers()).doesNotHaveDuplicates().hasSize(4);
        assertThat(values.prompt()).contains("\nWhat are all the special magic numbers for ");
        assertThat(values.part()).isEmpty();
    }

    @Test
    void aNeedleInAnEssayLiesAtTheDepthThatItsPartSays() {
        Generator generator = generator("niah_single_3");
        Random random = new Random(7);
        Map<String, Integer> parts = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            Sample sample = generator.sample(200, random);
            String context = sample.prompt().split("\n", -1)[1];
            MatchResult needle = needles(sample.prompt()).get(0);
            int before = context.indexOf(needle.group());
            int sentences =
                    Sentences.split(context.substring(0, before).strip()).size();
            assertThat(Niah.depths()).contains(sentences);
            assertThat(sample.part()).isEqualTo("depth=" + Math.min(sentences / 10 * 10, 90));
            assertThat(context.replace(needle.group(), "").replaceAll(" +", " ").strip())
                    .isEqualTo(hundredSentences());
            assertThat(needle.group(2)).matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
            parts.merge(sample.part(), 1, Integer::sum);
        }
        assertThat(parts).hasSize(10);
        assertThat(Niah.depths()).hasSize(40).startsWith(0, 3, 5, 8, 10).endsWith(97, 100);
    }

    @Test
    void otherNeedlesNeverTellTheKey() {
        Generator generator = generator("niah_multikey_2");
        Random random = new Random(3);
        for (int i = 0; i < 20; i++) {
            Sample sample = generator.sample(50, random);
            List<MatchResult> needles = needles(sample.prompt());
            assertThat(needles).hasSize(51);
            assertThat(needles.stream().filter(m -> sample.answers().contains(m.group(2))))
                    .hasSize(1);
            String key = needles.stream()
                    .filter(m -> sample.answers().contains(m.group(2)))
                    .findFirst()
                    .orElseThrow()
                    .group(1);
            assertThat(needles.stream().filter(m -> m.group(1).equals(key))).hasSize(1);
            assertThat(sample.prompt()).endsWith("for " + key + " mentioned in the provided text is");
        }
        assertThat(needles(generator("niah_multikey_3").sample(5, random).prompt()))
                .allSatisfy(m -> assertThat(m.group(1)).hasSize(36));
        assertThat(needles(generator("niah_multikey_1").sample(100, random).prompt()).stream()
                        .map(m -> m.group(1))
                        .distinct())
                .hasSize(4);
    }

    @Test
    void aShortEssayIsRepeated() throws IOException {
        write("haystack.txt", "Ann ran.\n  Ben   sat.");
        Sample sample = generator("niah_single_2").sample(9, new Random(1));
        String context = sample.prompt().split("\n", -1)[1];
        assertThat(context.replaceAll(" ?One of the special magic numbers for \\S+ is: \\d+\\. ?", " ")
                        .strip())
                .isEqualTo("Ann ran. Ben sat. Ann ran. Ben sat. Ann");
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
        Sample small = generator("cwe").sample(15, new Random(1));
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
        Sample large = new CommonWords(WordLists.all(files("cwe"), words(), 40), 4096).sample(15, new Random(1));
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
        Samples samples = RulerTask.of(family, length).samples(files(family), Answering::words);
        Generator generator = RulerTask.of(family, length).maker().generator(files(family), length, Answering::words);
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
        write("adjectivelist.txt", IntStream.range(3, 40).mapToObj("x"::repeat).collect(Collectors.joining("\n")));
        // Characters stand for tokens, and most keys are longer than the first.
        Samples samples = new Samples("task", generator("niah_single_2"), 1500, String::length, 5);
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
            List<Sample> once = take(RulerTask.of(family, 1300).samples(files(family), Answering::words));
            List<Sample> again = take(RulerTask.of(family, 1300).samples(files(family), Answering::words));
            assertThat(once).isEqualTo(again).doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void whoReadsScoresOneAndWhoDoesNotScoresZero(String family) {
        Task task = LongContextTasks.named(family + "@1300").orElseThrow();
        Answering reader = new Answering(RulerTest::lookUp);
        List<Measurement> read = task.measure(files(family), 40, reader);
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
        assertThat(task.measure(files(family), 3, new Answering(prompt -> "nothing")))
                .allSatisfy(m -> assertThat(m.value()).isZero());
    }

    @Test
    void everyQuestionIsLoggedWithWhatWasWritten() {
        List<LoggedSample> samples = new ArrayList<>();
        RulerTask.of("qa_1", 900).measure(files("qa_1"), 2, new Answering(p -> "It is the Town1."), samples::add);
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
                        .measure(files("fwe"), 0, model)
                        .get(0)
                        .n())
                .isEqualTo(500);
    }

    @Test
    void aLengthThatIsTooShortIsToldTheLeast() {
        Task task = RulerTask.of("niah_single_1", 100);
        int least = 128
                + Answering.words(
                        generator("niah_single_1").sample(1, new Random(1)).prompt());
        assertThatThrownBy(() -> task.measure(files("niah_single_1"), 1, new Answering(p -> "")))
                .isInstanceOf(UserException.class)
                .hasMessage("niah_single_1@100: a length of 100 tokens is too short, the shortest prompt and 128 tokens"
                        + " to write need " + least + " tokens of this model; ask for a length of at least " + least);
        assertThat(RulerTask.of("niah_single_1", least)
                        .measure(files("niah_single_1"), 5, new Answering(p -> ""))
                        .get(0)
                        .n())
                .isEqualTo(5);
    }

    @Test
    void anEmptyOrWrongFileIsNamed() throws IOException {
        Path nouns = write("nounlist.txt", "cat\n\ncat\n");
        assertThatThrownBy(() -> measure("niah_single_1"))
                .isInstanceOf(UserException.class)
                .hasMessage(nouns + " has 1 different words, at least 4 are needed, one a line");
        writeLists();
        Path hay = write("haystack.txt", " \n");
        assertThatThrownBy(() -> measure("niah_single_2"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(hay + " holds no text");
        Files.delete(hay);
        Path lines = write("haystack.jsonl", "{\"txet\": \"a\"}\n");
        assertThatThrownBy(() -> measure("niah_single_2"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(lines + " line 1: \"text\" must be a text");
        write("verblist.txt", "go\nrun\nsee\neat\n");
        assertThatThrownBy(() -> measure("cwe"))
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
        return needles(prompt).stream()
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

    private static List<MatchResult> needles(String prompt) {
        return NEEDLE.matcher(prompt).results().toList();
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

    private static String hundredSentences() {
        return IntStream.range(0, 100).mapToObj(i -> "Sentence" + i + " ends.").collect(Collectors.joining(" "));
    }

    private static List<NeededFile> words() {
        return List.of(WordLists.ADJECTIVES, WordLists.NOUNS, WordLists.VERBS);
    }

    private void measure(String family) {
        RulerTask.of(family, 1000).measure(files(family), 1, new Answering(p -> ""));
    }

    private Generator generator(String family) {
        return RulerTask.of(family, 1000).maker().generator(files(family), 1000, Answering::words);
    }

    private TaskFiles files(String family) {
        Map<String, TaskFile> found = new HashMap<>();
        for (NeededFile file : RulerTask.of(family, 1).files()) {
            file.names().stream()
                    .map(folder::resolve)
                    .filter(Files::exists)
                    .findFirst()
                    .ifPresent(path -> found.put(file.role(), new TaskFile(path)));
        }
        return new TaskFiles(found);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
