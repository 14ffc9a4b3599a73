package org.hopespark.model.eval.continual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class AccuracyMatrixTest {
    /** Task 1 is best after task 2, and worse after task 3. */
    private static final AccuracyMatrix THREE = new AccuracyMatrix(
            new double[][] {{0.6, 0.3}, {0.9, 0.8, 0.2}, {0.5, 0.7, 1.0}}, new double[] {0.1, 0.2, 0.25});

    @Test
    void scoresOfThreeTasksAreThoseComputedByHand() {
        assertThat(THREE.averageAccuracy()).isCloseTo((0.5 + 0.7 + 1.0) / 3, within(1e-12));
        assertThat(THREE.classWeightedAccuracy(2, 2, 1)).isCloseTo((2 * 0.5 + 2 * 0.7 + 1.0) / 5, within(1e-12));
        assertThat(THREE.backwardTransfer()).isCloseTo(((0.5 - 0.6) + (0.7 - 0.8)) / 2, within(1e-12));
        assertThat(THREE.forgetting()).isCloseTo(((0.9 - 0.5) + (0.8 - 0.7)) / 2, within(1e-12));
        assertThat(THREE.forwardTransfer()).isCloseTo(((0.3 - 0.2) + (0.2 - 0.25)) / 2, within(1e-12));
        assertThat(THREE.learningAccuracy()).isCloseTo((0.6 + 0.8 + 1.0) / 3, within(1e-12));
    }

    @Test
    void forgettingIsNegativeWhereTheLastTaskHelps() {
        AccuracyMatrix matrix = new AccuracyMatrix(new double[][] {{0.5, 0}, {0.75, 1}}, new double[2]);
        assertThat(matrix.forgetting()).isEqualTo(-0.25);
        assertThat(matrix.backwardTransfer()).isEqualTo(0.25);
    }

    @Test
    void oneTaskCanNeitherBeForgottenNorHelpAnother() {
        AccuracyMatrix matrix = new AccuracyMatrix(new double[][] {{0.5}}, new double[] {0.1});
        assertThat(matrix.averageAccuracy()).isEqualTo(0.5);
        assertThat(matrix.forgetting()).isNaN();
        assertThat(matrix.backwardTransfer()).isNaN();
        assertThat(matrix.forwardTransfer()).isNaN();
    }

    @Test
    void aRowThatIsTooShortIsRefused() {
        assertThatThrownBy(() -> new AccuracyMatrix(new double[][] {{0.5}, {1, 1}}, new double[2]))
                .hasMessage("row 1 needs 2 accuracies, got 1");
    }
}
