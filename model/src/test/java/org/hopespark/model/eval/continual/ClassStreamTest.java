package org.hopespark.model.eval.continual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;

final class ClassStreamTest {
    private static final LabelledTexts TEXTS = new LabelledTexts(
            IntStream.range(0, 7).mapToObj(c -> "class " + c).toList(), examples(7, 10), examples(7, 4));

    @Test
    void everyClassBelongsToOneTaskAndBringsItsShareOfTexts() {
        ClassStream stream = ClassStream.of(TEXTS, settings(3, 0, 5));
        assertThat(stream.stages()).extracting(stage -> stage.classes().size()).containsExactly(3, 3, 1);
        assertThat(stream.classes(3)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6);
        for (ClassStream.Stage stage : stream.stages()) {
            assertThat(stage.train())
                    .doesNotHaveDuplicates()
                    .hasSize(6 * stage.classes().size());
            assertThat(stage.test())
                    .doesNotHaveDuplicates()
                    .hasSize(2 * stage.classes().size());
            assertThat(stage.train()).extracting(Example::label).hasSameElementsAs(stage.classes());
            assertThat(stage.test()).extracting(Example::label).hasSameElementsAs(stage.classes());
        }
    }

    @Test
    void theOrderFollowsFromTheSeed() {
        assertThat(ClassStream.of(TEXTS, settings(3, 0, 5))).isEqualTo(ClassStream.of(TEXTS, settings(3, 0, 5)));
        assertThat(ClassStream.of(TEXTS, settings(3, 0, 5)).classes(3))
                .isNotEqualTo(ClassStream.of(TEXTS, settings(3, 0, 6)).classes(3));
        assertThat(ClassStream.of(TEXTS, settings(3, 0, ContinualSettings.AS_LISTED))
                        .classes(3))
                .containsExactly(0, 1, 2, 3, 4, 5, 6);
    }

    @Test
    void onlyTheFirstTasksAreTakenIfWished() {
        assertThat(ClassStream.of(TEXTS, settings(3, 2, 5)).stages()).hasSize(2);
    }

    @Test
    void aClassWithoutTestTextsIsRefused() {
        LabelledTexts texts = new LabelledTexts(TEXTS.labels(), TEXTS.train(), examples(6, 4));
        assertThatThrownBy(() -> ClassStream.of(texts, settings(3, 0, 5)))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("the class 'class 6' has no text to be tested with");
    }

    private static List<Example> examples(int classes, int each) {
        return IntStream.range(0, classes * each)
                .mapToObj(i -> new Example("text " + i, i % classes))
                .toList();
    }

    private static ContinualSettings settings(int classesPerTask, int tasks, long seed) {
        return new ContinualSettings(
                Method.NAIVE, classesPerTask, tasks, 6, 2, 1, 4, 1e-3, 1, 1, 10, List.of("*"), seed);
    }
}
