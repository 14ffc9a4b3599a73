package org.hopespark.jobs.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ConnectedComponentsTest {
    private static JavaSparkContext start() {
        JavaSparkContext spark = new JavaSparkContext(new SparkConf()
                .setMaster("local[2]")
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1"));
        spark.setLogLevel("OFF");
        return spark;
    }

    private final JavaSparkContext spark = start();

    @AfterAll
    void stop() {
        spark.stop();
    }

    @Test
    void aLongChainEndsInItsSmallestMember() {
        List<long[]> edges = new ArrayList<>(
                IntStream.range(0, 1000).mapToObj(i -> new long[] {i + 1, i}).toList());
        Collections.shuffle(edges, new Random(3));
        List<String> rounds = new ArrayList<>();
        Map<Long, Long> found = components(edges, 3, rounds);
        assertThat(found)
                .hasSize(1000)
                .allSatisfy((node, root) -> assertThat(root).isZero());
        assertThat(rounds).hasSizeBetween(2, 25);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void theResultIsThatOfUnionFindOnAnyNumberOfPartitions(int partitions) {
        Random random = new Random(5);
        List<long[]> edges = new ArrayList<>();
        for (int i = 0; i < 900; i++) {
            long a = ((long) random.nextInt(4) << 32) | random.nextInt(300);
            long b = ((long) random.nextInt(4) << 32) | random.nextInt(300);
            if (a != b) {
                edges.add(new long[] {Math.max(a, b), Math.min(a, b)});
            }
        }
        assertThat(components(edges, partitions, new ArrayList<>())).isEqualTo(unionFind(edges));
    }

    @Test
    void withoutEdgesThereIsNothingToJoin() {
        assertThat(components(List.of(), 2, new ArrayList<>())).isEmpty();
    }

    private Map<Long, Long> components(List<long[]> edges, int partitions, List<String> rounds) {
        Map<Long, Long> result = new TreeMap<>();
        List<byte[]> pairs =
                edges.stream().map(edge -> SortedPairs.pair(edge[0], edge[1])).toList();
        ConnectedComponents.of(spark.parallelize(pairs, 3), partitions, rounds::add)
                .collect()
                .forEach(pair -> assertThat(result.put(SortedPairs.group(pair), SortedPairs.member(pair)))
                        .isNull());
        return result;
    }

    /** Every node that is not its own root. */
    private static Map<Long, Long> unionFind(List<long[]> edges) {
        Map<Long, Long> parents = new TreeMap<>();
        edges.forEach(edge -> Arrays.stream(edge).forEach(node -> parents.put(node, node)));
        for (long[] edge : edges) {
            long a = root(parents, edge[0]);
            long b = root(parents, edge[1]);
            parents.put(Math.max(a, b), Math.min(a, b));
        }
        Map<Long, Long> result = new TreeMap<>();
        parents.keySet().forEach(node -> result.put(node, root(parents, node)));
        result.entrySet().removeIf(entry -> entry.getKey().equals(entry.getValue()));
        return result;
    }

    private static long root(Map<Long, Long> parents, long node) {
        long at = node;
        for (long next = parents.getOrDefault(at, at); next != at; next = parents.getOrDefault(at, at)) {
            at = next;
        }
        return at;
    }
}
