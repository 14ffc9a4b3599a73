package org.hopespark.model.eval.longcontext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hopespark.conf.UserException;
import org.hopespark.model.eval.LoggedSample;
import org.hopespark.model.eval.Measurement;
import org.hopespark.model.eval.TaskFile;
import org.hopespark.model.eval.TaskFiles;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BabiLongTest {
    private static final Pattern MOVES = Pattern.compile("(Mary|John|Sandra) moved to the (\\w+)\\.");

    @TempDir
    private Path folder;

    @BeforeEach
    void writeFiles() throws IOException {
        write("qa1_single-supporting-fact_test.txt", """
                1 Mary moved to the office.
                2 John moved to the garden.
                3 Where is Mary? \toffice\t1
                4 Mary moved to the kitchen.
                5 Where is Mary? \tkitchen\t4
                1 Sandra moved to the hallway.
                2 Where is Sandra? |hallway|1
                """);
        write(
                "haystack.txt",
                "Too short. "
                        + IntStream.range(0, 40)
                                .mapToObj(i -> "Sentence " + i + " of the book goes on for ten words.")
                                .collect(Collectors.joining(" ")));
    }

    @Test
    void aStoryIsCutIntoOneQuestionATime() {
        assertThat(BabiQuestion.read(babi()))
                .containsExactly(
                        new BabiQuestion(
                                List.of("Mary moved to the office.", "John moved to the garden."),
                                "Where is Mary?",
                                "office"),
                        new BabiQuestion(
                                List.of(
                                        "Mary moved to the office.",
                                        "John moved to the garden.",
                                        "Mary moved to the kitchen."),
                                "Where is Mary?",
                                "kitchen"),
                        new BabiQuestion(List.of("Sandra moved to the hallway."), "Where is Sandra?", "hallway"));
    }

    @Test
    void withoutBooksThereAreTheFactsAndTheQuestion() {
        Answering model = new Answering(prompt -> "");
        List<LoggedSample> samples = new ArrayList<>();
        new BabiLong(1, 0).measure(new TaskFiles(Map.of("babi", babi())), 0, model, samples::add);
        assertThat(samples).extracting(LoggedSample::target).containsExactly("office", "kitchen", "hallway");
        assertThat(samples.get(2)
                        .line(2)
                        .path("arguments")
                        .path("gen_args_0")
                        .path("arg_0")
                        .textValue())
                .isEqualTo(model.prompts.get(2));
        assertThat(model.prompts)
                .containsExactly(
                        "Mary moved to the office. John moved to the garden.\nWhere is Mary?",
                        "Mary moved to the office. John moved to the garden. Mary moved to the kitchen.\nWhere is Mary?",
                        "Sandra moved to the hallway.\nWhere is Sandra?");
        assertThat(model.newTokens).isEqualTo(16);
        assertThat(new BabiLong(1, 0).files()).hasSize(1);
    }

    @Test
    void factsLieInOrderBetweenTheSentencesOfTheBookAndTheLengthIsUsedUp() {
        Answering model = new Answering(prompt -> "");
        new BabiLong(1, 100).measure(files(), 0, model);
        List<BabiQuestion> questions = BabiQuestion.read(babi());
        List<String> book = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String[] parts = model.prompts.get(i).split("\n", -1);
            assertThat(parts[1]).isEqualTo(questions.get(i).text());
            assertThat(MOVES.matcher(parts[0]).results().map(MatchResult::group))
                    .containsExactlyElementsOf(questions.get(i).facts());
            book.add(parts[0].replaceAll(MOVES.pattern(), "")
                    .replaceAll(" +", " ")
                    .strip());
            assertThat(Answering.words(model.prompts.get(i)) + 16).isEqualTo(100);
        }
        // 100 - 16 to write - 3 of the question - 10, 15 and 5 of facts leave 71, 66, 76 words: 7 sentences and one
        // cut.
        assertThat(book.get(0)).startsWith("Sentence 0 of").endsWith("ten words. Sentence");
        assertThat(book.get(1)).startsWith("Sentence 8 of").endsWith("ten words. Sentence 14 of the book goes");
        assertThat(book.get(2)).startsWith("Sentence 15 of");
    }

    @Test
    void whereTheWholeHasMoreTokensThanItsPartsTheBookIsCutAgain() {
        ToIntFunction<String> tokens = text -> Answering.words(text) * 8 / 7;
        TaskFile book = new TaskFile(folder.resolve("haystack.txt"));
        BabiQuestion question = BabiQuestion.read(babi()).get(0);
        for (int length = 100; length < 300; length++) {
            Optional<BookSentences> books = Optional.of(new BookSentences(book, tokens));
            String prompt = new BabiLongPrompts("task", length, tokens, books).prompt(question, new Random(1));
            assertThat(tokens.applyAsInt(prompt) + 16).isBetween(length - 8, length);
        }
    }

    @Test
    void factsDoNotGatherInOnePlace() {
        Answering model = new Answering(prompt -> "");
        new BabiLong(1, 300).measure(files(), 0, model);
        String context = model.prompts.get(1);
        List<Integer> places =
                MOVES.matcher(context).results().map(MatchResult::start).toList();
        assertThat(places.get(2) - places.get(0)).isGreaterThan(200);
    }

    @Test
    void whoReadsScoresOneAndWhoDoesNotScoresZero() {
        List<Measurement> read = new BabiLong(1, 120).measure(files(), 0, new Answering(BabiLongTest::lookUp));
        assertThat(read).extracting(Measurement::metric).containsExactly("acc", "acc_anywhere");
        assertThat(read).allSatisfy(m -> assertThat(m.value()).isCloseTo(1, within(1e-12)));
        assertThat(read).extracting(Measurement::n).containsExactly(3L, 3L);
        assertThat(read.get(0).chance()).isCloseTo(1.0 / 3, within(1e-15));
        assertThat(new BabiLong(1, 120).measure(files(), 2, new Answering(prompt -> "nowhere")))
                .allSatisfy(m -> assertThat(m.value()).isZero())
                .allSatisfy(m -> assertThat(m.n()).isEqualTo(2));
        assertThat(new BabiLong(1, 120).measure(files(), 0, new Answering(prompt -> "I think. " + lookUp(prompt))))
                .extracting(m -> Math.round(m.value() * 1e12) / 1e12)
                .containsExactly(0.0, 1.0);
    }

    /** Answers that the reference has scored. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bathroom,bedroom,garden,hallway,kitchen,office|office|Where is Mary?|in the OFFICE. No|true",
                "bathroom,bedroom,garden,hallway,kitchen,office|office|Where is Mary?|kitchen. office|false",
                "bathroom,bedroom,garden,hallway,kitchen,office|office|Where is Mary?|kitchen <Example> office|false",
                "bathroom,bedroom,garden,hallway,kitchen,office|office|Where is Mary?|bathroom garden office|false",
                "bathroom,bedroom,garden,hallway,kitchen,office|office|Where is Mary?|The office or the garden|false",
                "bathroom,bedroom,garden,hallway,kitchen,office|office|Where is Mary?|Office Question: John? garden|true",
                "yes,no|no|Is Mary in the office?|yes no|false",
                "yes,no|no|Is Mary in the office?|Mary is not in the office|true",
                "yes,no|yes|Is Mary in the office?|yes|true",
                "Bill,Fred,Jeff,Mary|Bill|Who gave the milk to Fred?|Fred gave it to Bill|true",
                "none,one,two,three|two|How many objects is Mary carrying?|one two three none|false",
                "'nothing,milk,apple,football'|milk,apple|What is Mary carrying?|apple, milk|true",
                "'nothing,milk,apple,football'|milk,apple|What is Mary carrying?|apple|false",
                "'nothing,milk,apple,football'|nothing|What is Mary carrying?|nothing|true"
            })
    void anAnswerIsRightByTheRuleOfTheReference(
            String labels, String answer, String question, String written, boolean right) {
        Set<String> all = BabiLong.labels(Stream.of(labels.split(",", -1))
                .map(label -> new BabiQuestion(List.of(), "", label))
                .toList());
        assertThat(BabiLong.isAnswered(new BabiQuestion(List.of(), question, answer), written, all))
                .isEqualTo(right);
    }

    @Test
    void aWayIsOneAnswerAndAListHasParts() {
        Set<String> labels = BabiLong.labels(Stream.of("n,w", "s,e", "milk,apple")
                .map(label -> new BabiQuestion(List.of(), "", label))
                .toList());
        assertThat(labels).containsExactlyInAnyOrder("n,w", "s,e", "milk", "apple");
        BabiQuestion way = new BabiQuestion(List.of(), "How do you go from the office to the garden?", "n,w");
        assertThat(BabiLong.isAnswered(way, "n,w", labels)).isTrue();
        assertThat(BabiLong.isAnswered(way, "w,n", labels)).isFalse();
    }

    @Test
    void theSameSeedGivesTheSamePrompts() {
        Answering once = new Answering(prompt -> "");
        Answering again = new Answering(prompt -> "");
        new BabiLong(1, 200).measure(files(), 0, once);
        new BabiLong(1, 200).measure(files(), 0, again);
        assertThat(once.prompts).isEqualTo(again.prompts);
    }

    @Test
    void trainingLinesHoldPromptsAndAnswersOfEveryLength() throws IOException {
        Path to = folder.resolve("train.jsonl");
        long lines = BabiLong.writeTraining(
                babi(), new TaskFile(folder.resolve("haystack.txt")), List.of(0, 100), Answering::words, to);
        List<String> written = Files.readAllLines(to);
        assertThat(written).hasSize(6);
        assertThat(lines).isEqualTo(6);
        JsonNode first = new ObjectMapper().readTree(written.get(0));
        assertThat(first.path("prompt").textValue())
                .isEqualTo("Mary moved to the office. John moved to the garden.\nWhere is Mary?");
        assertThat(first.path("answer").textValue()).isEqualTo("office");
        JsonNode second = new ObjectMapper().readTree(written.get(1));
        assertThat(Answering.words(second.path("prompt").textValue()) + 16).isEqualTo(100);
    }

    @Test
    void whatCannotBeIsToldWithTheFileAndTheLeastLength() throws IOException {
        // 15 words of facts, 3 of the question, 16 to write.
        assertThatThrownBy(() -> new BabiLong(1, 20).measure(files(), 0, new Answering(p -> "")))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "babilong_qa1@20: a length of 20 tokens is too short, the facts alone and 16 tokens to write"
                                + " need 34 tokens of this model; ask for a length of at least 34");
        Path hay = write("haystack.txt", "All short. So short.");
        assertThatThrownBy(() -> new BabiLong(1, 100).measure(files(), 0, new Answering(p -> "")))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(hay + " has no sentence of at least 10 tokens");
        Path babi = write("qa1_single-supporting-fact_test.txt", "1 Mary moved.\nWhere?\n");
        assertThatThrownBy(() -> new BabiLong(1, 100).measure(files(), 0, new Answering(p -> "")))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(babi + " line 2 must be \"NUMBER fact\"")
                .hasMessageContaining("found \"Where?\"");
        write("qa1_single-supporting-fact_test.txt", "1 Mary moved.\n");
        assertThatThrownBy(() -> new BabiLong(1, 100).measure(files(), 0, new Answering(p -> "")))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(babi + " holds no question");
    }

    @Test
    void theLossIsToldByPosition() throws IOException {
        write("haystack.jsonl", """
                {"text": "%s"}
                {"text": "too short"}
                {"text": "%s"}
                """.formatted("a ".repeat(2000), "b\\n".repeat(1001)));
        TaskFiles files = new TaskFiles(Map.of("haystack", new TaskFile(folder.resolve("haystack.jsonl"))));
        Answering model = new Answering(prompt -> "");
        List<Measurement> found = new PositionPerplexity(1000).measure(files, 0, model);
        assertThat(model.read)
                .hasSize(2)
                .allSatisfy(text -> assertThat(Answering.words(text)).isEqualTo(1000));
        assertThat(model.read.get(1)).startsWith("b\nb\n");
        assertThat(found).extracting(Measurement::metric).containsExactly("loss", "perplexity", "loss", "loss", "loss");
        assertThat(found)
                .extracting(Measurement::part)
                .containsExactly("", "", "position=0..255", "position=256..511", "position=512..999");
        // Token i costs i nats.
        assertThat(found.get(0).value()).isCloseTo(499.5, within(1e-9));
        assertThat(found.get(2).value()).isCloseTo(127.5, within(1e-9));
        assertThat(found.get(4).value()).isCloseTo(755.5, within(1e-9));
        assertThat(found).extracting(Measurement::n).containsOnly(2L);
        assertThat(new PositionPerplexity(1000).measure(files, 1, model).get(0).n())
                .isEqualTo(1);
        assertThatThrownBy(() -> new PositionPerplexity(3000).measure(files, 0, model))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(
                        folder.resolve("haystack.jsonl") + " has no document of more than 3000 tokens of this model");
    }

    /** Needs -Dhope.data=FOLDER with bAbI and books. */
    @Test
    void thePublishedFilesMakeEveryTask() {
        String data = System.getProperty("hope.data", "");
        assumeTrue(!data.isEmpty(), "needs -Dhope.data=FOLDER with eval/babi and corpus/books");
        TaskFile books = new TaskFile(Path.of(data, "corpus/books/books-00001-of-00008.jsonl.gz"));
        for (int number = 1; number <= BabiLong.TASKS; number++) {
            BabiLong task = new BabiLong(number, 0);
            TaskFiles babi = TaskFiles.find(task, List.of(Path.of(data, "eval/babi")));
            Answering model = new Answering(prompt -> "");
            assertThat(task.measure(babi, 0, model).get(0).n()).isEqualTo(1000);
            if (number == 1) {
                Answering reader = new Answering(BabiLongTest::lookUpAnyMove);
                List<Measurement> read = new BabiLong(1, 2048)
                        .measure(new TaskFiles(Map.of("babi", babi.only(), "haystack", books)), 20, reader);
                assertThat(read.get(0).value()).isCloseTo(1, within(1e-12));
                assertThat(reader.prompts)
                        .allSatisfy(prompt ->
                                assertThat(Answering.words(prompt) + 16).isBetween(2030, 2048));
            }
        }
    }

    private static String lookUp(String prompt) {
        return last(MOVES, prompt);
    }

    private static String lookUpAnyMove(String prompt) {
        return last(
                Pattern.compile(
                        "(Mary|John|Sandra|Daniel) (?:moved|went|went back|journeyed|travelled) to the (\\w+)\\."),
                prompt);
    }

    private static String last(Pattern moves, String prompt) {
        String asked = prompt.replaceAll("(?s).*Where is (\\w+)\\?.*", "$1");
        return moves.matcher(prompt)
                .results()
                .filter(m -> m.group(1).equals(asked))
                .reduce((before, after) -> after)
                .orElseThrow()
                .group(2);
    }

    private TaskFile babi() {
        return new TaskFile(folder.resolve("qa1_single-supporting-fact_test.txt"));
    }

    private TaskFiles files() {
        return new TaskFiles(Map.of("babi", babi(), "haystack", new TaskFile(folder.resolve("haystack.txt"))));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
