package org.hopespark.data.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.hopespark.data.corpus.TextHash;
import org.junit.jupiter.api.Test;

class NormalizationTest {
    /** 200 kB took the JDK alone 23 s. */
    @Test
    void theTimeIsLinearInTheNumberOfMarks() {
        List<String> texts = List.of(
                "a" + "\u0301".repeat(500_000) + "\u0316".repeat(500_000), "a" + "\u0301\u0316".repeat(500_000));
        for (String text : texts) {
            for (Form form : Form.values()) {
                assertTimeout(Duration.ofSeconds(10), () -> Normalization.of(text, form), form.toString());
            }
            assertTimeout(Duration.ofSeconds(10), () -> TextHash.of(text));
        }
    }

    @Test
    void upToThirtyMarksInARowAreNormalizedAsEver() {
        String thirty = "e" + "\u0316\u0301".repeat(15);
        Random random = new Random(7);
        StringBuilder mixed = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            mixed.appendCodePoint(random.nextInt(4) == 0 ? 0x300 + random.nextInt(0x70) : random.nextInt(0x3000));
        }
        for (Form form : Form.values()) {
            for (String text : List.of("", "plain", thirty, thirty + thirty, mixed.toString())) {
                assertThat(Normalization.of(text, form)).isEqualTo(Normalizer.normalize(text, form));
            }
        }
    }

    @Test
    void aJoinerPartsLongerRows() {
        assertThat(Normalization.of("e" + "\u0301".repeat(61), Form.NFC))
                .isEqualTo("\u00e9" + "\u0301".repeat(29) + "\u034f" + "\u0301".repeat(30) + "\u034f\u0301");
        String done = Normalization.of("e" + "\u0301".repeat(61), Form.NFC);
        assertThat(Normalization.of(done, Form.NFC)).as("and stays").isEqualTo(done);
    }
}
