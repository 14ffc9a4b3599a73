package org.hopespark.data.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.hopespark.conf.UserException;
import org.hopespark.data.filter.Stage.Remove;
import org.hopespark.data.source.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DecontaminateTest {
    @TempDir
    private Path folder;

    private Stage stage(String settings) {
        return Outcomes.stage("decontaminate: {" + settings + "}");
    }

    private Stage stage() throws IOException {
        Files.writeString(folder.resolve("roofs.jsonl"), """
                {"query": "A man is sitting on a roof in the sun. He", "choices": ["starts pulling up old roofing.", "is using wrap."]}
                {"query": "Short.", "choices": ["no"]}
                """);
        Files.writeString(folder.resolve("bees.jsonl"), """
                {"q": {"text": "How do I get 1,250 bees out of the caf\u00e9 without them being hurt at all?"}}
                """);
        return stage("evaluations: [{task: roofs, path: " + folder.resolve("roofs.jsonl")
                + ", fields: [query, choices]}, {task: bees, path: " + folder.resolve("bees.jsonl")
                + ", fields: [q.text]}]");
    }

    @Test
    void textOfAnEvaluationIsFoundWhateverItsCaseAndPunctuation() throws IOException {
        Stage stage = stage();
        String shared = "a MAN is -- sitting on a r\u00f3of;\nin the 'sun' (He) Starts pulling";
        assertThat(stage.apply(new Document("1", "Words before. " + shared + " and more behind.", "test")))
                .isEqualTo(new Remove("decontaminate: roofs", shared));
        assertThat(Outcomes.of(stage, "how do i get 7,375 wasps out of the cafe\u0301 without them being"))
                .isEqualTo("kept");
        assertThat(Outcomes.of(stage, "how do i get 7,375 BEES out of the cafe\u0301 without them being"))
                .isEqualTo("decontaminate: bees");
    }

    @Test
    void oneWordFewerThanAnNgramIsNotFound() throws IOException {
        Stage stage = stage();
        assertThat(Outcomes.of(stage, "A man is sitting on a roof in the sun he is using"))
                .isEqualTo("decontaminate: roofs");
        assertThat(Outcomes.of(stage, "A man is sitting on a roof in the sun he is"))
                .isEqualTo("kept");
        assertThat(Outcomes.of(stage, "A man is sitting on a roof in the sun he was using"))
                .isEqualTo("kept");
        assertThat(Outcomes.of(stage, "Short. no")).isEqualTo("kept");
    }

    @Test
    void theNameTellsWhatTheFilesHoldAndNotWhereTheyLie() throws IOException {
        String name = stage().name();
        assertThat(name).matches("decontaminate\\{ngram-words=13, tasks=\\[roofs, bees], sha256=[0-9a-f]{64}}");
        Files.move(folder.resolve("bees.jsonl"), folder.resolve("moved.jsonl"));
        String roofs = "{task: roofs, path: " + folder.resolve("roofs.jsonl") + ", fields: [query, choices]}";
        String bees = "{task: bees, path: " + folder.resolve("moved.jsonl") + ", fields: [q.text]}";
        assertThat(stage("evaluations: [" + roofs + ", " + bees + "]").name()).isEqualTo(name);
        Files.writeString(folder.resolve("moved.jsonl"), "{\"q\": {\"text\": \"" + "one two ".repeat(9) + "\"}}");
        assertThat(stage("evaluations: [" + roofs + ", " + bees + "]").name()).isNotEqualTo(name);
    }

    @Test
    void evaluationsThatCannotBeReadAreRefused() throws IOException {
        stage();
        assertThatThrownBy(() -> stage("ngram-words: 5"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("decontaminate needs evaluations");
        assertThatThrownBy(
                        () -> stage("evaluations: [{task: t, path: " + folder.resolve("no.jsonl") + ", fields: [q]}]"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no such input");
        assertThatThrownBy(() ->
                        stage("evaluations: [{task: t, path: " + folder.resolve("roofs.jsonl") + ", fields: [text]}]"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("roofs.jsonl, line 1: no text in field 'text'; the row has query, choices");
        assertThatThrownBy(() -> stage("evaluations: [{task: t, path: x}]"))
                .hasMessageContaining("missing setting: stages.0.decontaminate.evaluations.0.fields");
    }

    /** Words as datatrove's simplify_text leaves them, but parted by punctuation. */
    private static List<String> simplified(String text) {
        String simple = Normalizer.normalize(text.toLowerCase(Locale.ROOT), Normalizer.Form.NFD)
                .replaceAll("\\p{Mn}", "")
                .replaceAll("\\p{N}+", "0")
                .replaceAll("[^\\p{L}\\p{N}]+", " ")
                .replaceAll("([\\p{IsIdeographic}\\u3041-\\u30FA])", " $1 ");
        return Arrays.stream(simple.split(" +")).filter(word -> !word.isEmpty()).toList();
    }

    private static List<String> ngrams(String text, int n) {
        List<String> words = simplified(text);
        return IntStream.rangeClosed(0, words.size() - n)
                .mapToObj(i -> String.join(" ", words.subList(i, i + n)))
                .toList();
    }

    @Test
    void theIndexKnowsTheNgramsOfItsTextsAndNoOthers() {
        Random random = new Random(5);
        for (int round = 0; round < 100; round++) {
            int n = 1 + random.nextInt(4);
            Map<String, List<String>> texts = new TreeMap<>();
            Map<String, String> taskOf = new HashMap<>();
            for (String task : List.of("a", "b", "c")) {
                List<String> of = new ArrayList<>();
                for (int i = random.nextInt(3); i >= 0; i--) {
                    of.add(text(random));
                }
                texts.put(task, of);
                of.forEach(text -> ngrams(text, n).forEach(ngram -> taskOf.putIfAbsent(ngram, task)));
            }
            DecontaminationIndex index = DecontaminationIndex.of(n, texts);
            assertThat(index.size()).isEqualTo(taskOf.size());

            String asked = text(random) + " " + text(random);
            NormalNgrams found = new NormalNgrams(asked, n);
            for (String ngram : ngrams(asked, n)) {
                assertThat(found.next()).isTrue();
                int task = index.find(found.hash());
                assertThat(task < 0 ? "none" : index.tasks().get(task))
                        .as("%s in %s", ngram, texts)
                        .isEqualTo(taskOf.getOrDefault(ngram, "none"));
                assertThat(String.join(" ", simplified(found.text()))).isEqualTo(ngram);
            }
            assertThat(found.next()).isFalse();
        }
    }

    private static String text(Random random) {
        String[] pieces = {
            "the",
            "Caf\u00e9",
            "CAFE\u0301",
            "12",
            "3",
            "don't",
            "\u6771\u4eac",
            "\u00c9a",
            "-",
            "(x)",
            "\uD835\uDC00b",
            "\uD83D\uDE00",
            "\u0301",
            "\u00df",
            "\u0130s",
            "x1y22"
        };
        return random.ints(random.nextInt(12), 0, pieces.length)
                .mapToObj(i -> pieces[i])
                .collect(Collectors.joining(" "));
    }

    @Test
    void endlessLinesTakeOnePass() throws IOException {
        Stage stage = stage();
        for (String piece : new String[] {"x", "word ", "\u0301 ", "\uD83D\uDE00", "1", "..."}) {
            assertThat(Outcomes.of(stage, piece.repeat(3_000_000 / piece.length())))
                    .isEqualTo("kept");
        }
    }
}
