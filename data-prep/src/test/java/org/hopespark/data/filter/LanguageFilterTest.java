package org.hopespark.data.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.hopespark.conf.UserException;
import org.hopespark.data.filter.Stage.Keep;
import org.hopespark.data.filter.Stage.Remove;
import org.hopespark.data.source.Document;
import org.junit.jupiter.api.Test;

final class LanguageFilterTest {
    private static final String ENGLISH =
            "The ship left the harbour in the early morning, and nobody on the quay knew when it would come back. ";
    private static final String GERMAN =
            "Das Schiff verlie\u00df den Hafen am fr\u00fchen Morgen, und niemand am Kai wusste, wann es zur\u00fcckkommt. ";
    private static final String RUSSIAN =
            "\u041a\u043e\u0440\u0430\u0431\u043b\u044c \u0432\u044b\u0448\u0435\u043b \u0438\u0437 \u0433\u0430\u0432\u0430\u043d\u0438 \u0440\u0430\u043d\u043e \u0443\u0442\u0440\u043e\u043c, \u0438 \u043d\u0438\u043a\u0442\u043e \u043d\u0435 \u0437\u043d\u0430\u043b, \u043a\u043e\u0433\u0434\u0430 \u043e\u043d \u0432\u0435\u0440\u043d\u0435\u0442\u0441\u044f. ";

    private static Document document(String text) {
        return new Document("1", text, "test");
    }

    @Test
    void aKeptDocumentKnowsItsLanguage() {
        Stage stage = Outcomes.stage("language: {keep: [eng, rus]}");
        Document kept = ((Keep) stage.apply(document(ENGLISH))).document();
        assertThat(kept.text()).isEqualTo(ENGLISH);
        assertThat(kept.metadata()).containsEntry("language", "eng").containsOnlyKeys("language", "language-score");
        assertThat(Double.parseDouble(kept.metadata().getOrDefault("language-score", "")))
                .isBetween(0.65, 1.0);
        assertThat(((Keep) stage.apply(document(RUSSIAN))).document().metadata())
                .containsEntry("language", "rus");
    }

    @Test
    void otherLanguagesAreRemoved() {
        Stage stage = Outcomes.stage("language: {keep: [eng]}");
        assertThat(Outcomes.of(stage, GERMAN)).isEqualTo("language: another");
        assertThat(((Remove) stage.apply(document(GERMAN))).detail()).contains("deu");
        assertThat(Outcomes.of(Outcomes.stage("language"), GERMAN)).isEqualTo("kept");
    }

    @Test
    void whatCouldBeOneOfTwoLanguagesIsRemoved() {
        assertThat(Outcomes.of(Outcomes.stage("language"), "7 + 7")).isEqualTo("language: uncertain");
        assertThat(Outcomes.of(Outcomes.stage("language: {least-score: 1}"), "Hello, good morning"))
                .isEqualTo("language: uncertain");
        assertThat(Outcomes.of(Outcomes.stage("language: {least-score: 0}"), "7 + 7"))
                .isEqualTo("kept");
    }

    @Test
    void longTextsAreJudgedByThreeSamples() {
        Stage stage = Outcomes.stage("language: {keep: [eng]}");
        assertThat(Outcomes.of(stage, ENGLISH.repeat(200_000))).isEqualTo("kept");
        assertThat(Outcomes.of(stage, ENGLISH.repeat(10) + GERMAN.repeat(1000))).isEqualTo("language: another");
        assertThat(LanguageDetection.sampled("a".repeat(600))).hasSize(600);
        assertThat(LanguageDetection.sampled("a".repeat(601))).hasSize(602);
    }

    @Test
    void theModelIsPartOfTheName() {
        assertThat(Outcomes.stage("language: {keep: [eng]}").name())
                .isEqualTo("language{keep=[eng], least-score=0.65} by langdetect-183");
    }

    @Test
    void codesOfTwoLettersAreRefused() {
        assertThatThrownBy(() -> Outcomes.stage("language: {keep: [en]}"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("keep wants codes of three letters (ISO 639-3), such as eng, got 'en'");
    }
}
