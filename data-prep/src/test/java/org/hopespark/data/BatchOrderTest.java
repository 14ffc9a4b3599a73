package org.hopespark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.ConfigException;
import org.hopespark.data.BatchOrder.Place;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchOrderTest {
    private static final long[] EQUAL_LANES = {12, 12, 12, 12};
    private static final long[] UNEQUAL_LANES = {12, 17, 13, 25};

    private static List<Place> epoch(BatchOrder order, long epoch) {
        List<Place> places = new ArrayList<>();
        for (long step = 1 + epoch * order.stepsPerEpoch(); step <= (epoch + 1) * order.stepsPerEpoch(); step++) {
            for (int slot = 0; slot < order.batchSequences(); slot++) {
                places.add(order.place(step, slot));
            }
        }
        return places;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8, 12})
    void everyEpochUsesEveryRowOnceWhenLanesAreEqual(int batchSequences) {
        BatchOrder order = new BatchOrder(EQUAL_LANES, batchSequences, 7);

        for (long epoch = 0; epoch < 3; epoch++) {
            assertThat(epoch(order, epoch)).doesNotHaveDuplicates().hasSize(48);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void noRowComesTwiceInAnEpochWhenLanesAreUnequal(int batchSequences) {
        BatchOrder order = new BatchOrder(UNEQUAL_LANES, batchSequences, 7);

        for (long epoch = 0; epoch < 5; epoch++) {
            assertThat(epoch(order, epoch))
                    .doesNotHaveDuplicates()
                    .hasSize(48)
                    .allSatisfy(place -> assertThat(place.row()).isBetween(0L, UNEQUAL_LANES[place.lane()] - 1));
        }
    }

    @Test
    void rowsThatOneEpochLeavesOutComeInALaterOne() {
        BatchOrder order = new BatchOrder(UNEQUAL_LANES, 4, 7);
        List<Place> places = new ArrayList<>();
        for (long epoch = 0; epoch < 12; epoch++) {
            places.addAll(epoch(order, epoch));
        }

        assertThat(places.stream().distinct()).hasSize(12 + 17 + 13 + 25);
    }

    @Test
    void laterEpochsComeInAnotherOrder() {
        BatchOrder order = new BatchOrder(EQUAL_LANES, 4, 7);

        assertThat(epoch(order, 1)).isNotEqualTo(epoch(order, 0)).isNotEqualTo(epoch(order, 2));
    }

    @Test
    void aSlotReadsItsLaneInOrder() {
        BatchOrder order = new BatchOrder(EQUAL_LANES, 2, 7);

        assertThat(order.place(1, 1)).isEqualTo(new Place(1, 0));
        assertThat(order.place(12, 1)).isEqualTo(new Place(1, 11));
        assertThat(order.place(13, 1)).isEqualTo(new Place(3, 0));
    }

    @Test
    void aBatchThatDoesNotFitTheLanesIsRefused() {
        assertThatThrownBy(() -> new BatchOrder(EQUAL_LANES, 6, 7))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("batch-sequences 6 must be a multiple or a divisor of the data set's 4 lanes");
        assertThatThrownBy(() -> new BatchOrder(EQUAL_LANES, 52, 7))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("takes 13 rows of each lane, and the shortest lane has 12");
    }
}
