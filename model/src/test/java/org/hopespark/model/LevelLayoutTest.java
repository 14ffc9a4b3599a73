package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.hopespark.conf.Level;
import org.hopespark.model.ParameterSpec.Initial;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where parameters lie, and who owns them. */
final class LevelLayoutTest {
    private static final Level LEVEL = new Level(1, 1, 1.0);
    private static final Optimizer MATRICES = new Fake(Optimizer.Ownership.MATRIX);
    private static final Optimizer REST = new Fake(Optimizer.Ownership.SLICE);

    /** Twelve groups of a matrix and a norm; matrices of three sizes. */
    private static final List<List<ParameterSpec>> GROUPS = LongStream.range(0, 12)
            .mapToObj(i -> List.of(
                    new ParameterSpec("norm." + i, List.of(10L), LEVEL, Initial.constant(1), false),
                    new ParameterSpec("matrix." + i, List.of(10L, 20 + 20 * (i % 3)), LEVEL, Initial.normal(1), true)))
            .toList();

    /** Owns by size; takes matrices, or everything. */
    private record Fake(Ownership ownership) implements Optimizer {
        @Override
        public List<String> slots() {
            return List.of();
        }

        @Override
        public boolean takes(ParameterSpec spec) {
            return ownership == Ownership.SLICE || spec.decays();
        }

        @Override
        public void update(Torch torch, List<Piece> pieces, Update update) {
            throw new UnsupportedOperationException("a layout updates nothing");
        }
    }

    private static LevelLayout layout(int rank, int ranks, long bucketElements) {
        return new LevelLayout(
                GROUPS,
                List.of(MATRICES, REST),
                new ShardSpec(rank, ranks, ShardSpec.Optimizer.SHARDED),
                bucketElements);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 500, 1_000_000})
    void eachMatrixIsWholeAtOneRankAndAllHaveAboutTheSame(long bucketElements) {
        int ranks = 3;
        long total = 4 * 10 * (20 + 40 + 60);
        List<ParameterSpec> found = new ArrayList<>();
        for (int rank = 0; rank < ranks; rank++) {
            LevelLayout layout = layout(rank, ranks, bucketElements);
            List<LevelLayout.Part> mine = layout.parts(MATRICES);
            long elements =
                    mine.stream().mapToLong(part -> part.range().elements()).sum();
            assertThat(elements).isBetween(total / ranks - 600, total / ranks + 600);
            for (LevelLayout.Part part : mine) {
                found.add(layout.specs().stream()
                        .filter(spec -> layout.range(spec).equals(part.range()))
                        .findFirst()
                        .orElseThrow());
            }
        }
        assertThat(found).hasSize(12).doesNotHaveDuplicates().allMatch(ParameterSpec::decays);
    }

    /** A parameter's place, and the units of the norm, are the same for any number of workers. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 20})
    void onlyTheOwnersDependOnTheNumberOfWorkers(int ranks) {
        LevelLayout alone = layout(0, 1, 500);
        LevelLayout layout = layout(0, ranks, 500);
        assertThat(layout.specs()).isEqualTo(alone.specs());
        assertThat(layout.specs()).allMatch(spec -> layout.range(spec).equals(alone.range(spec)));
        assertThat(layout.buckets().stream().map(bucket -> bucket.slices().units()))
                .isEqualTo(alone.buckets().stream()
                        .map(bucket -> bucket.slices().units())
                        .toList());
        List<Integer> units = new ArrayList<>();
        for (int rank = 0; rank < ranks; rank++) {
            assertThat(layout.unitsOf(rank)).hasSizeLessThanOrEqualTo(layout.mostUnits());
            units.addAll(layout.unitsOf(rank));
        }
        assertThat(units).containsExactlyInAnyOrderElementsOf(alone.unitsOf(0));
    }

    @Test
    void parameterThatNoOptimizerTakesIsRefused() {
        assertThatThrownBy(() -> new LevelLayout(GROUPS, List.of(MATRICES), ShardSpec.WHOLE, 1))
                .hasMessage("no optimizer takes norm.0");
    }
}
