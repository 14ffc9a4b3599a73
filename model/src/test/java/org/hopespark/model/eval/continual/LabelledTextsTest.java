package org.hopespark.model.eval.continual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.hopespark.conf.UserException;
import org.hopespark.model.eval.TaskFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LabelledTextsTest {
    private static final String HEADER = "text,category\n";

    @TempDir
    private Path folder;

    @Test
    void clincIsReadWithoutWhatIsOutOfScope() throws IOException {
        Path path = folder.resolve("data_full.json.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(path))) {
            out.write("""
                    {"oos_train": [["how tall is it", "oos"]], "val": [["hey", "greeting"]],
                     "train": [["when is it due", "bill_due"], ["hi", "greeting"]],
                     "test": [["hello", "greeting"]], "oos_test": [["what", "oos"]]}""".getBytes(StandardCharsets.UTF_8));
        }
        LabelledTexts texts = LabelledTexts.clinc150(new TaskFile(path));
        assertThat(texts.labels()).containsExactly("bill due", "greeting");
        assertThat(texts.train()).containsExactly(new Example("when is it due", 0), new Example("hi", 1));
        assertThat(texts.test()).containsExactly(new Example("hello", 1));
    }

    @Test
    void quotedFieldsHoldCommasQuotesAndLineEnds() throws IOException {
        TaskFile train = file("train.csv", HEADER + "\"a, \"\"b\"\"\nc\",card_arrival\r\nplain,other\n\n");
        TaskFile test = file("test.csv", HEADER + "where,other");
        LabelledTexts texts = LabelledTexts.csv(train, test);
        assertThat(texts.labels()).containsExactly("card arrival", "other");
        assertThat(texts.train()).containsExactly(new Example("a, \"b\"\nc", 0), new Example("plain", 1));
        assertThat(texts.test()).containsExactly(new Example("where", 1));
    }

    @Test
    void badRowsAreNamedByFileAndLine() throws IOException {
        TaskFile good = file("test.csv", HEADER + "a,x\n");
        refuses(file("a.csv", HEADER + "\"a\nb\",x\nc\n"), good, "a.csv line 4 has 1 fields, the header has 2");
        refuses(
                file("b.csv", HEADER + "\n\"a,x\nb,y\n"),
                good,
                "b.csv line 3: a quote that opens here is never closed");
        refuses(file("c.csv", HEADER + "\"a\"b,x\n"), good, "c.csv line 2: a quoted field continues");
        refuses(file("d.csv", HEADER + "a, \n"), good, "d.csv line 2 has an empty label");
        refuses(file("e.csv", "a,b\n"), good, "e.csv line 1: the header must have text and category, found [a, b]");
        refuses(file("f.csv", HEADER), good, "f.csv has no labelled text");
        refuses(file("g.csv", HEADER + "a,y\n"), good, "test.csv line 2: no training text has the label 'x'");
    }

    @Test
    void jsonLinesAreReadAndABadOneIsNamed() throws IOException {
        TaskFile train = file("train.jsonl", "{\"text\": \"a\", \"label\": \"x\"}\n");
        assertThat(LabelledTexts.jsonLines(train, train))
                .isEqualTo(new LabelledTexts(List.of("x"), List.of(new Example("a", 0)), List.of(new Example("a", 0))));
        TaskFile bad = file("bad.jsonl", "{\"text\": \"a\", \"label\": \"x\"}\n{\"text\": \"a\", \"label\": 3}\n");
        assertThatThrownBy(() -> LabelledTexts.jsonLines(bad, train))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("bad.jsonl line 2: \"text\" and \"label\" must be texts");
    }

    @Test
    void aBrokenClincFileIsNamed() throws IOException {
        TaskFile entry = file("a.json", "{\"train\": [[\"a\", \"x\"], [\"b\"]], \"test\": []}");
        assertThatThrownBy(() -> LabelledTexts.clinc150(entry))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a.json \"train\" entry 2 must be [text, class], found [\"b\"]");
        TaskFile empty = file("b.json", "{\"train\": [[\"a\", \"x\"]]}");
        assertThatThrownBy(() -> LabelledTexts.clinc150(empty)).hasMessageContaining("no texts under \"test\"");
        TaskFile cut = file("c.json", "{\n\"train\": [[\"a\",");
        assertThatThrownBy(() -> LabelledTexts.clinc150(cut)).hasMessageContaining("c.json line 2 is not valid JSON");
    }

    private static void refuses(TaskFile train, TaskFile test, String message) {
        assertThatThrownBy(() -> LabelledTexts.csv(train, test))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(message);
    }

    private TaskFile file(String name, String text) throws IOException {
        return new TaskFile(Files.writeString(folder.resolve(name), text));
    }
}
