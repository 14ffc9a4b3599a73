package org.hopespark.data.filter;

import static org.assertj.core.api.Assertions.assertThat;

import org.hopespark.data.filter.Stage.Keep;
import org.hopespark.data.source.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NormaliseTest {
    private static final Stage STAGE = Outcomes.stage("normalise");

    @Test
    void textIsComposed() {
        assertThat(Outcomes.changed(STAGE, "cafe\u0301 \u2019")).isEqualTo("caf\u00e9 \u2019");
        assertThat(Outcomes.changed(Outcomes.stage("normalise: {form: nfd}"), "caf\u00e9"))
                .isEqualTo("cafe\u0301");
        assertThat(Outcomes.changed(Outcomes.stage("normalise: {form: nfkc}"), "\ufb01x\u00b2"))
                .isEqualTo("fix2");
        assertThat(Outcomes.changed(Outcomes.stage("normalise: {form: as-is}"), "cafe\u0301"))
                .isEqualTo("cafe\u0301");
    }

    @Test
    void everyLineEndBecomesALineFeed() {
        String text = "a\r\nb\rc\u0085d\u2028e\u2029f\u000bg\fh\n";
        assertThat(Outcomes.changed(STAGE, text)).isEqualTo("a\nb\nc\nd\ne\nf\ng\nh\n");
        assertThat(Outcomes.changed(
                        Outcomes.stage("normalise: {line-ends: false, control-characters: false,"
                                + " trailing-blanks: false}"),
                        text))
                .isEqualTo(text);
    }

    @Test
    void controlCharactersGoButTabAndLineFeedStay() {
        assertThat(Outcomes.changed(STAGE, "\ufeffa\u0000\tb\u007f\u009f\u001bc\nd"))
                .isEqualTo("a\tbc\nd");
    }

    @Test
    void blanksAtTheEndsOfLinesGo() {
        assertThat(Outcomes.changed(STAGE, "  a \t\nb\u00a0\r\n \n\nc  ")).isEqualTo("  a\nb\n\n\nc");
        assertThat(Outcomes.changed(Outcomes.stage("normalise: {trailing-blanks: false}"), "a \nb "))
                .isEqualTo("a \nb ");
    }

    @Test
    void whatIsNormalStaysTheSameObject() {
        Document document = new Document("1", "na\u00efve\n\tcaf\u00e9 \u4eac\n", "test");
        assertThat(((Keep) STAGE.apply(document)).document()).isSameAs(document);
    }

    @ParameterizedTest
    @CsvSource({"a", "'a \r\n b'", "'e\u0301\u0323 \u2028x '", "\u1100\u1161\u11a8", "\u212b"})
    void normalisingTwiceChangesNothingMore(String text) {
        String once = Outcomes.changed(STAGE, text);
        assertThat(Outcomes.changed(STAGE, once)).isEqualTo(once);
    }

    @Test
    void aDocumentOfBlanksIsRemoved() {
        assertThat(Outcomes.of(STAGE, " \t\u0000")).isEqualTo("normalise: nothing left");
    }
}
