package org.hopespark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.UserException;
import org.hopespark.data.BatchOrder.Place;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchOrderTest {
    private static final long[] EQUAL_LANES = {12, 12, 12, 12};
    private static final long[] UNEQUAL_LANES = {12, 17, 0, 13, 25, 0};

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
    @ValueSource(ints = {1, 2, 3, 4, 6, 8, 12, 48})
    void everyEpochUsesEveryRowOnceWhenLanesAreEqual(int batchSequences) {
        BatchOrder order = new BatchOrder(EQUAL_LANES, batchSequences, 7, DataSet.ORDER);

        for (long epoch = 0; epoch < 3; epoch++) {
            assertThat(epoch(order, epoch)).doesNotHaveDuplicates().hasSize(48);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 8, 67})
    void noRowComesTwiceInAnEpochWhenLanesAreUnequal(int batchSequences) {
        BatchOrder order = new BatchOrder(UNEQUAL_LANES, batchSequences, 7, DataSet.ORDER);

        for (long epoch = 0; epoch < 5; epoch++) {
            assertThat(epoch(order, epoch))
                    .doesNotHaveDuplicates()
                    .hasSize(67 - 67 % batchSequences)
                    .allSatisfy(place -> assertThat(place.row()).isBetween(0L, UNEQUAL_LANES[place.lane()] - 1));
        }
    }

    @Test
    void rowsThatOneEpochLeavesOutComeInALaterOne() {
        BatchOrder order = new BatchOrder(UNEQUAL_LANES, 9, 7, DataSet.ORDER);
        List<Place> places = new ArrayList<>();
        for (long epoch = 0; epoch < 12; epoch++) {
            places.addAll(epoch(order, epoch));
        }

        assertThat(places.stream().distinct()).hasSize(12 + 17 + 13 + 25);
    }

    @Test
    void laterEpochsComeInAnotherOrder() {
        BatchOrder order = new BatchOrder(EQUAL_LANES, 4, 7, DataSet.ORDER);

        assertThat(epoch(order, 1)).isNotEqualTo(epoch(order, 0)).isNotEqualTo(epoch(order, 2));
    }

    @Test
    void theSeedChangesTheOrderFromTheFirstEpochOn() {
        BatchOrder seven = new BatchOrder(UNEQUAL_LANES, 4, 7, DataSet.ORDER);
        BatchOrder eight = new BatchOrder(UNEQUAL_LANES, 4, 8, DataSet.ORDER);
        assertThat(epoch(seven, 0)).isNotEqualTo(epoch(eight, 0));
        assertThat(epoch(new BatchOrder(UNEQUAL_LANES, 4, 7, 1), 0))
                .as("a run that has begun with version 1 keeps it")
                .isEqualTo(epoch(new BatchOrder(UNEQUAL_LANES, 4, 8, 1), 0));
        assertThat(epoch(seven, 1)).isEqualTo(epoch(new BatchOrder(UNEQUAL_LANES, 4, 7, 1), 1));
        assertThatThrownBy(() -> new BatchOrder(UNEQUAL_LANES, 4, 7, 3))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("version 3");
    }

    @Test
    void aSlotReadsItsLaneInOrderWhenThereAreAsManySlotsAsLanes() {
        BatchOrder order = new BatchOrder(EQUAL_LANES, 4, 7, 1);

        assertThat(order.place(1, 1)).isEqualTo(new Place(1, 0));
        assertThat(order.place(12, 1)).isEqualTo(new Place(1, 11));
    }

    @Test
    void aSlotGoesOnFromLaneToLane() {
        BatchOrder order = new BatchOrder(UNEQUAL_LANES, 2, 7, 1);

        assertThat(order.place(1, 0)).isEqualTo(new Place(0, 0));
        assertThat(order.place(13, 0)).isEqualTo(new Place(1, 0));
        assertThat(order.place(30, 0)).isEqualTo(new Place(3, 0));
        assertThat(order.place(1, 1)).isEqualTo(new Place(3, 4));
    }

    @Test
    void aBatchOfMoreSequencesThanRowsIsRefused() {
        assertThatThrownBy(() -> new BatchOrder(EQUAL_LANES, 49, 7, DataSet.ORDER))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("batch-sequences 49 must lie between 1 and the data set's number of rows, 48");
    }
}
