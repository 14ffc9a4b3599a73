package org.hopespark.data.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LanePackerTest {
    private static final int MARK = 99;

    private static List<ShardRow> pack(Packing packing, List<int[]> documents) {
        List<ShardRow> rows = new ArrayList<>();
        LanePacker packer = new LanePacker(packing, MARK, MARK, rows::add);
        for (int i = 0; i < documents.size(); i++) {
            packer.add(i, documents.get(i));
        }
        packer.finish();
        return rows;
    }

    private static Packing packing(int sequenceTokens, int alignTokens) {
        return Packing.of(sequenceTokens, alignTokens, 1, 0, 1);
    }

    @Test
    void theExampleOfTheFormatDocumentHolds() {
        List<ShardRow> rows =
                pack(packing(8, 4), List.of(new int[] {1}, new int[] {2, 3, 4, 5, 6, 7, 8}, new int[] {9}));

        assertThat(rows).hasSize(3);
        PackedRow first = rows.get(0).packed();
        assertThat(first.tokens()).containsExactly(99, 1, 99, 99, 99, 2, 3, 4, 5);
        assertThat(first.starts()).containsExactly(0, 4);
        assertThat(first.ends()).containsExactly(3, 9);
        PackedRow second = rows.get(1).packed();
        assertThat(second.tokens()).containsExactly(5, 6, 7, 8, 99, 99, 99, 99, 99);
        assertThat(second.starts()).isEmpty();
        assertThat(second.ends()).containsExactly(5);
        assertThat(second.targets()).isEqualTo(4);
        PackedRow third = rows.get(2).packed();
        assertThat(third.tokens()).containsExactly(99, 9, 99, 99, 99, 99, 99, 99, 99);
        assertThat(third.starts()).containsExactly(0);
        assertThat(third.ends()).containsExactly(3);
    }

    @Test
    void aDocumentThatEndsWithTheRowLeavesNoRowBehind() {
        List<ShardRow> rows = pack(packing(4, 2), List.of(new int[] {1, 2, 3}));

        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).packed().ends()).containsExactly(5);
    }

    @Test
    void noDocumentsGiveNoRows() {
        assertThat(pack(packing(4, 2), List.of())).isEmpty();
    }

    /** The lane as one array, cut afterwards; the document of each id decides what is a target. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void rowsEqualThoseOfCuttingTheWholeLane(long seed) {
        Random random = new Random(seed);
        int alignTokens = 1 << random.nextInt(4);
        int sequenceTokens = alignTokens * (1 + random.nextInt(4)) + (alignTokens == 1 ? 1 : 0);
        List<int[]> documents = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            documents.add(random.ints(random.nextInt(3 * sequenceTokens), 0, 50).toArray());
        }
        List<Integer> lane = new ArrayList<>();
        List<Integer> owners = new ArrayList<>();
        for (int i = 0; i < documents.size(); i++) {
            while (lane.size() % alignTokens != 0) {
                lane.add(MARK);
                owners.add(-1);
            }
            lane.add(MARK);
            owners.add(i);
            for (int id : documents.get(i)) {
                lane.add(id);
                owners.add(i);
            }
            lane.add(MARK);
            owners.add(i);
        }
        while (lane.size() % sequenceTokens != 1) {
            lane.add(MARK);
            owners.add(-1);
        }

        List<ShardRow> rows = pack(packing(sequenceTokens, alignTokens), documents);

        assertThat(rows).hasSize((lane.size() - 1) / sequenceTokens);
        for (int r = 0; r < rows.size(); r++) {
            PackedRow row = rows.get(r).packed();
            boolean[] mask = row.targetMask();
            int targets = 0;
            for (int j = 0; j <= sequenceTokens; j++) {
                int at = r * sequenceTokens + j;
                boolean target = j > 0 && owners.get(at) >= 0 && owners.get(at).equals(owners.get(at - 1));
                targets += target ? 1 : 0;
                assertThat(row.tokens()[j]).as("row %d id %d", r, j).isEqualTo(lane.get(at));
                assertThat(mask[j]).as("row %d position %d", r, j).isEqualTo(target);
            }
            assertThat(row.targets()).as("targets of row %d", r).isEqualTo(targets);
            assertThat(java.util.Arrays.stream(row.starts()).boxed().toList())
                    .as("starts of row %d", r)
                    .allSatisfy(start -> assertThat(start % alignTokens).isZero());
            assertThat(rows.get(r).firstDocument())
                    .isEqualTo(owners.get(r * sequenceTokens).longValue());
        }
    }

    @Test
    void everyIdOfEveryTextIsATargetOnce() {
        List<int[]> documents = List.of(new int[37], new int[1], new int[16], new int[14], new int[15]);

        int targets = pack(packing(16, 8), documents).stream()
                .mapToInt(row -> row.packed().targets())
                .sum();

        assertThat(targets).isEqualTo(37 + 1 + 16 + 14 + 15 + documents.size());
    }
}
