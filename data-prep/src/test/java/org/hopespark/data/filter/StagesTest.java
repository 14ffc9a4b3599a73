package org.hopespark.data.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;

final class StagesTest {
    private static final String LIST = """
              - normalise
              - gopher-quality: {least-words: 2, stop-words: [the, and]}
              - gopher-repetition:
            """;

    @Test
    void stagesKeepTheirOrderAndTellEverySetting() {
        assertThat(Outcomes.stages(LIST))
                .extracting(Stage::name)
                .containsExactly(
                        "normalise{form=nfc, line-ends=true, control-characters=true, trailing-blanks=true}",
                        "gopher-quality{words=paper, least-words=2, most-words=100000, least-mean-word-characters=3.0,"
                                + " most-mean-word-characters=10.0, most-hashes-per-word=0.1,"
                                + " most-ellipses-per-word=0.1, most-bullet-lines=0.9, most-ellipsis-lines=0.3,"
                                + " least-alphabetic-words=0.8, least-stop-words=2, stop-words=[the, and]}",
                        "gopher-repetition{most-duplicate-paragraphs=0.3,"
                                + " most-duplicate-paragraph-characters=0.2, most-duplicate-lines=0.3,"
                                + " most-duplicate-line-characters=0.2,"
                                + " most-top-ngram-characters=[0.2, 0.18, 0.16],"
                                + " most-duplicate-ngram-characters=[0.15, 0.14, 0.13, 0.12, 0.11, 0.1]}");
    }

    @Test
    void printedStagesReadBackEqual() {
        PrepareConfig config = Settings.parse("test", "stages:\n" + LIST).bind(PrepareConfig.class);
        assertThat(Settings.parse("printed", Settings.print(config)).bind(PrepareConfig.class))
                .isEqualTo(config);
        assertThat(Settings.parse("test", "stages:\n" + LIST)
                        .with(List.of("stages.1.gopher-quality.least-words=7"))
                        .bind(PrepareConfig.class))
                .isNotEqualTo(config);
    }

    @Test
    void everyMistakeIsToldWithItsPlace() {
        assertThatThrownBy(() -> Outcomes.stages("""
                          - normalize
                          - gopher-quality: {least-word: 5}
                          - gopher-quality: 5
                          - gopher-repetition: {most-top-ngram-characters: [much]}
                          - {normalise: {}, gopher-quality: {}}
                          - gopher-quality: {least-words: 0}
                        """))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("6 problems")
                .hasMessageContaining("unknown name at stages.0: normalize (did you mean normalise?)")
                .hasMessageContaining("unknown setting: stages.1.gopher-quality.least-word (did you mean least-words?)")
                .hasMessageContaining("stages.2.gopher-quality must be a group of settings, got '5'")
                .hasMessageContaining(
                        "stages.3.gopher-repetition.most-top-ngram-characters.0 must be a number, got 'much'")
                .hasMessageContaining("stages.4 must be one name, alone or with settings")
                .hasMessageContaining("stages.5.gopher-quality: least-words must be >= 1, got 0");
    }

    @Test
    @SuppressWarnings("unchecked")
    void stagesTravelAndDoTheSameThere() throws IOException, ClassNotFoundException {
        List<Stage> stages = Outcomes.stages(LIST);
        String text = "The dogs and the cats.\r\n".repeat(3);
        stages.forEach(stage -> Outcomes.of(stage, text));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(new ArrayList<>(stages));
        }
        assertThat(bytes.size()).isLessThan(5000);
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            List<Stage> arrived = (List<Stage>) in.readObject();
            for (int i = 0; i < stages.size(); i++) {
                assertThat(arrived.get(i).name()).isEqualTo(stages.get(i).name());
                assertThat(Outcomes.of(arrived.get(i), text)).isEqualTo(Outcomes.of(stages.get(i), text));
            }
        }
    }
}
