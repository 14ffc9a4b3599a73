package org.hopespark.model.eval.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.hopespark.conf.UserException;
import org.hopespark.model.TokenBatch;
import org.junit.jupiter.api.Test;

class SyntheticTasksTest {
    @Test
    void idsLieInTheVocabularyAndLengthsInTheContext() {
        for (SyntheticTask task : SyntheticTasks.all()) {
            Set<Long> tested = new HashSet<>();
            for (Part part :
                    Stream.concat(task.train().stream(), task.tests().stream()).toList()) {
                for (TokenBatch.Sequence example : part.examples("any", 1, 8)) {
                    assertThat(example.inputs().length)
                            .as(task.name())
                            .isEqualTo(example.targets().length)
                            .isLessThanOrEqualTo(part.longest());
                    assertThat(LongStream.concat(
                                    Arrays.stream(example.inputs()),
                                    Arrays.stream(example.targets()).filter(t -> t != TokenBatch.NO_TARGET)))
                            .as(task.name())
                            .allMatch(id -> id >= 0 && id < task.vocabularySize());
                    if (task.tests().contains(part)) {
                        Arrays.stream(example.targets()).filter(t -> t >= 0).forEach(tested::add);
                    }
                }
            }
            assertThat(tested).as(task.name()).isNotEmpty().hasSizeLessThanOrEqualTo(task.labels());
        }
    }

    @Test
    void oneSeedGivesTheSameExamplesAndAnotherSeedOrUseOthers() {
        Part part = SyntheticTasks.named("parity").tests().get(0);
        assertThat(inputs(part.examples("test", 1, 50))).isEqualTo(inputs(part.examples("test", 1, 50)));
        assertThat(inputs(part.examples("test", 1, 50))).isNotEqualTo(inputs(part.examples("test", 2, 50)));
        assertThat(inputs(part.examples("test", 1, 50))).isNotEqualTo(inputs(part.examples("validation", 1, 50)));
    }

    @Test
    void wordsDiffer() {
        List<String> words = inputs(SyntheticTasks.named("z60@4").trainExamples(1, 0));
        assertThat(words).hasSize(50_000).doesNotHaveDuplicates();
    }

    @Test
    void namesCarrySettings() {
        SyntheticTask task = SyntheticTasks.named("s5@32");
        assertThat(task.tests()).extracting(Part::name).containsExactly("length=32", "length=64", "length=128");
        assertThat(task.contextTokens()).isEqualTo(128);
        assertThat(SyntheticTasks.named("mqar").contextTokens()).isEqualTo(1024);
        assertThat(SyntheticTasks.named("mqar@vocab=512,length=128").contextTokens())
                .isEqualTo(128);
        assertThat(SyntheticTasks.named("mad_noisy_recall@noise=0.4").base()).isEqualTo("mad_noisy_recall");
    }

    @Test
    void aLimitKeepsTheMixture() {
        List<TokenBatch.Sequence> examples = SyntheticTasks.named("mqar").trainExamples(1, 900);
        assertThat(examples.stream().collect(Collectors.groupingBy(e -> e.inputs().length, Collectors.counting())))
                .containsEntry(64, 500L)
                .containsEntry(128, 100L)
                .containsEntry(256, 300L);
    }

    @Test
    void madHasItsVariations() {
        assertThat(SyntheticTasks.suite("mad"))
                .extracting(SyntheticTask::base)
                .filteredOn(base -> base.equals("mad_noisy_recall"))
                .hasSize(1 + 3 + 3 + 4 + 3);
        assertThat(SyntheticTasks.suite("mad")).hasSize(11 + 14 + 11 + 13 + 11 + 6);
        assertThat(SyntheticTasks.suite("synthetic"))
                .extracting(SyntheticTask::name)
                .hasSize(6 + 5 + 1 + 6)
                .contains("parity", "s5@16", "mqar", "mad_noisy_recall");
    }

    @Test
    void unknownNamesAndSettingsAreRefused() {
        assertThatThrownBy(() -> SyntheticTasks.named("parrot"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("unknown task 'parrot'");
        assertThatThrownBy(() -> SyntheticTasks.named("parity@vocab=4")).hasMessageContaining("no setting vocab");
        assertThatThrownBy(() -> SyntheticTasks.named("s5@many")).hasMessageContaining("got 'many'");
        assertThatThrownBy(() -> SyntheticTasks.named("mad_selective_copying@length=20"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("too small to copy 16 ids");
        assertThatThrownBy(() -> SyntheticTasks.named("mad_compression@vocab=1"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a vocabulary of 1 has the sign and nothing else");
        assertThatThrownBy(() -> SyntheticTasks.suite("mud")).hasMessageContaining("formal, state, mqar, mad");
    }

    private static List<String> inputs(List<TokenBatch.Sequence> examples) {
        return examples.stream().map(e -> Arrays.toString(e.inputs())).toList();
    }
}
