package org.hopespark.model.eval.longcontext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RulerReadingTest {
    @TempDir
    private Path folder;

    private RulerFiles ruler;

    @BeforeEach
    void writeFiles() throws IOException {
        ruler = new RulerFiles(folder);
        ruler.writeLists();
    }

    @Test
    void aQuestionStandsBetweenInstructionsBelowItsDocuments() {
        Sample sample = ruler.generator("qa_1").sample(4, 2, new Random(1));
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

        String hotpot = ruler.generator("qa_2").sample(7, 1, new Random(1)).prompt();
        assertThat(hotpot)
                .as("all of its own documents, however few are asked for")
                .contains("Vale7\nThe river of Vale7 is Flow7. It is long.\n\n", "Flow7\nThe sea of Flow7 is Sea7.\n\n")
                .contains("Document 2:\n")
                .doesNotContain("Document 3:");
    }

    @Test
    void otherDocumentsOfTheSetFillTheContext() {
        Generator generator = ruler.generator("qa_1");
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
        Generator generator = ruler.generator("qa_1");
        Sample sample = generator.sample(0, 1, new Random(1));
        assertThat(generator.questions()).isEqualTo(45);
        assertThat(generator.score(sample, " town0, I think")).isEqualTo(1);
        assertThat(generator.score(sample, "Tow n0")).isZero();
        assertThat(RulerTask.of("qa_1", 900)
                        .measure(ruler.files("qa_1"), 0, new Answering(p -> ""))
                        .get(0)
                        .n())
                .as("no question is asked twice")
                .isEqualTo(45);
    }

    @Test
    void aReadingSetThatIsNotAsPublishedIsNamedWithThePlace() throws IOException {
        Path squad = ruler.write("squad.json", "{\"data\": [{\"paragraphs\": [{\"context\": 7, \"qas\": []}]}]}");
        assertThatThrownBy(() -> ruler.measure("qa_1"))
                .isInstanceOf(UserException.class)
                .hasMessage(squad + ": data[0].paragraphs[0].context must be a text, found 7; get the published"
                        + " file again, whole");
        ruler.write("squad.json", "{\"data\": []}");
        assertThatThrownBy(() -> ruler.measure("qa_1"))
                .hasMessageStartingWith(squad + " has no question with an answer");
        Path hotpot = ruler.write("hotpotqa.json", "{}");
        assertThatThrownBy(() -> ruler.measure("qa_2")).hasMessageStartingWith(hotpot + ": the file must be a list");
        ruler.write("hotpotqa.json", "[{\n\"question\": ");
        assertThatThrownBy(() -> ruler.measure("qa_2"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(hotpot + " is not valid JSON at line 2 (");
    }
}
