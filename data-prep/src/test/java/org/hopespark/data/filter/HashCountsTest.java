package org.hopespark.data.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.hopespark.text.KeyedHash;
import org.junit.jupiter.api.Test;

final class HashCountsTest {
    private static final KeyedHash ONE = new KeyedHash(0x0123456789ABCDEFL, 0x9E3779B97F4A7C15L);
    private static final KeyedHash OTHER = new KeyedHash(0x7A5662D2F5F59D4BL, 0xD1B54A32D192ED03L);

    @Test
    void countsDoNotDependOnTheKey() {
        Random random = new Random(1);
        long[] hashes = random.longs(20_000).map(hash -> hash % 3000).toArray();
        Map<Long, Integer> expected = new HashMap<>();
        List<HashCounts> tables =
                List.of(new HashCounts(20_000, ONE), new HashCounts(20_000, OTHER), new HashCounts(20_000));
        for (long hash : hashes) {
            int count = expected.merge(hash == 0 ? 1 : hash, 1, Integer::sum);
            assertThat(tables).allMatch(table -> table.count(table.add(hash)) == count);
        }
    }

    /** Hashes that lie in one place of a table lie in many places of a table with another key. */
    @Test
    void hashesThatAreMadeForOneKeyAreNoneForAnother() {
        int most = 1000;
        Random random = new Random(2);
        int wanted = new HashCounts(most, ONE).add(77);
        List<Long> crafted = new ArrayList<>();
        while (crafted.size() < 300) {
            long hash = random.nextLong();
            if (new HashCounts(most, ONE).add(hash) == wanted) {
                crafted.add(hash);
            }
        }
        assertThat(crafted.stream()
                        .map(hash -> new HashCounts(most, ONE).add(hash))
                        .distinct())
                .containsExactly(wanted);
        assertThat(crafted.stream()
                        .map(hash -> new HashCounts(most, OTHER).add(hash))
                        .distinct())
                .hasSizeGreaterThan(250);
    }

    /** Differences of the upper bits alone, which a product of 64 bits keeps out of its lower ones. */
    @Test
    void everyBitOfAValueReachesTheLowerBitsOfItsHash() {
        long[] lower = new long[64];
        for (int bit = 0; bit < 64; bit++) {
            lower[bit] = ONE.of(1L << bit) & 0xFFFF;
        }
        assertThat(Arrays.stream(lower).distinct().count()).isGreaterThan(60);
    }
}
