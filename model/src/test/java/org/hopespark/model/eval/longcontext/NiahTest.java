package org.hopespark.model.eval.longcontext;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.MatchResult;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NiahTest {
    @TempDir
    private Path folder;

    private RulerFiles ruler;

    @BeforeEach
    void writeFiles() throws IOException {
        ruler = new RulerFiles(folder);
        ruler.writeLists();
    }

    @Test
    void aSingleNeedleIsAskedForInTheSingular() {
        Sample sample = ruler.generator("niah_single_1").sample(2, new Random(1));
        MatchResult needle = RulerFiles.needles(sample.prompt()).get(0);
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
        Sample sample = ruler.generator("niah_multiquery").sample(200, new Random(1));
        List<MatchResult> needles = RulerFiles.needles(sample.prompt());
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
        Sample values = ruler.generator("niah_multivalue").sample(200, new Random(1));
        assertThat(RulerFiles.needles(values.prompt()))
                .extracting(m -> m.group(1))
                .hasSize(4);
        assertThat(RulerFiles.needles(values.prompt()).stream()
                        .map(m -> m.group(1))
                        .distinct())
                .hasSize(1);
        assertThat(values.answers()).doesNotHaveDuplicates().hasSize(4);
        assertThat(values.prompt()).contains("\nWhat are all the special magic numbers for ");
        assertThat(values.part()).isEmpty();
    }

    @Test
    void aNeedleInAnEssayLiesAtTheDepthThatItsPartSays() {
        Generator generator = ruler.generator("niah_single_3");
        Random random = new Random(7);
        Map<String, Integer> parts = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            Sample sample = generator.sample(200, random);
            String context = sample.prompt().split("\n", -1)[1];
            MatchResult needle = RulerFiles.needles(sample.prompt()).get(0);
            int before = context.indexOf(needle.group());
            int sentences =
                    Sentences.split(context.substring(0, before).strip()).size();
            assertThat(Niah.depths()).contains(sentences);
            assertThat(sample.part()).isEqualTo("depth=" + Math.min(sentences / 10 * 10, 90));
            assertThat(context.replace(needle.group(), "").replaceAll(" +", " ").strip())
                    .isEqualTo(RulerFiles.hundredSentences());
            assertThat(needle.group(2)).matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
            parts.merge(sample.part(), 1, Integer::sum);
        }
        assertThat(parts).hasSize(10);
        assertThat(Niah.depths()).hasSize(40).startsWith(0, 3, 5, 8, 10).endsWith(97, 100);
    }

    @Test
    void otherNeedlesNeverTellTheKey() {
        Generator generator = ruler.generator("niah_multikey_2");
        Random random = new Random(3);
        for (int i = 0; i < 20; i++) {
            Sample sample = generator.sample(50, random);
            List<MatchResult> needles = RulerFiles.needles(sample.prompt());
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
        assertThat(RulerFiles.needles(
                        ruler.generator("niah_multikey_3").sample(5, random).prompt()))
                .allSatisfy(m -> assertThat(m.group(1)).hasSize(36));
        assertThat(RulerFiles.needles(ruler.generator("niah_multikey_1")
                                .sample(100, random)
                                .prompt())
                        .stream()
                        .map(m -> m.group(1))
                        .distinct())
                .hasSize(4);
    }

    @Test
    void aShortEssayIsRepeated() throws IOException {
        ruler.write("haystack.txt", "Ann ran.\n  Ben   sat.");
        Sample sample = ruler.generator("niah_single_2").sample(9, new Random(1));
        String context = sample.prompt().split("\n", -1)[1];
        assertThat(context.replaceAll(" ?One of the special magic numbers for \\S+ is: \\d+\\. ?", " ")
                        .strip())
                .isEqualTo("Ann ran. Ben sat. Ann ran. Ben sat. Ann");
    }
}
