package org.hopespark.jobs.corpus;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;

/**
 * Joins what hangs together: stars around the smallest member, in rounds of large-star and small-star (Kiveris et al.
 * 2014), which end after O(log^2 n) rounds whatever the graph. The result follows from the edges alone.
 */
final class ConnectedComponents {
    private ConnectedComponents() {}

    /** A round's edges, compared without collecting them. */
    private record Sum(long edges, long hash) implements Serializable {
        Sum plus(Sum other) {
            return new Sum(edges + other.edges, hash + other.hash);
        }
    }

    /**
     * For every node but the smallest of its component the edge to that one.
     *
     * @param edges pairs of different nodes, whose numbers are not negative
     * @param progress receives how many edges a round has left
     */
    static JavaRDD<byte[]> of(JavaRDD<byte[]> edges, int partitions, Consumer<String> progress) {
        JavaRDD<byte[]> current = edges.persist(StorageLevel.MEMORY_AND_DISK());
        Sum before = sum(current);
        for (int round = 1; ; round++) {
            JavaRDD<byte[]> both = current.flatMap(
                    edge -> List.of(edge, SortedPairs.reversed(edge)).iterator());
            JavaRDD<byte[]> large = SortedPairs.sort(both, partitions)
                    .mapPartitions(pairs -> new Stars(SortedPairs.distinct(pairs), true));
            JavaRDD<byte[]> next = SortedPairs.sort(large, partitions)
                    .mapPartitions(pairs -> new Stars(SortedPairs.distinct(pairs), false))
                    .persist(StorageLevel.MEMORY_AND_DISK());
            // the next round shall not compute this one again, nor remember how
            next.rdd().localCheckpoint();
            Sum after = sum(next);
            current.unpersist(false);
            progress.accept("components: round " + round + ", " + after.edges + " edges");
            current = next;
            if (after.equals(before)) {
                return current;
            }
            before = after;
        }
    }

    private static Sum sum(JavaRDD<byte[]> edges) {
        return edges.map(edge -> new Sum(1, mix(SortedPairs.group(edge)) * 31 + mix(SortedPairs.member(edge))))
                .fold(new Sum(0, 0), Sum::plus);
    }

    private static long mix(long value) {
        long x = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
        return x ^ (x >>> 33);
    }

    /**
     * Reads the neighbours of each node, the smallest first. Large-star joins all larger neighbours to the smallest of
     * node and neighbours; small-star joins the node and its smaller neighbours to the smallest of those.
     */
    private static final class Stars implements Iterator<byte[]> {
        private final Iterator<byte[]> pairs;
        private final boolean large;
        private final List<byte[]> ready = new ArrayList<>();
        private long node = -1;
        private long smallest;

        Stars(Iterator<byte[]> pairs, boolean large) {
            this.pairs = pairs;
            this.large = large;
        }

        @Override
        public boolean hasNext() {
            while (ready.isEmpty() && pairs.hasNext()) {
                byte[] pair = pairs.next();
                long neighbour = SortedPairs.member(pair);
                if (SortedPairs.group(pair) != node) {
                    node = SortedPairs.group(pair);
                    smallest = Math.min(node, neighbour);
                    if (!large) {
                        ready.add(SortedPairs.pair(node, smallest));
                        continue;
                    }
                }
                if (large ? neighbour > node : neighbour != smallest) {
                    ready.add(SortedPairs.pair(neighbour, smallest));
                }
            }
            return !ready.isEmpty();
        }

        @Override
        public byte[] next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return ready.remove(ready.size() - 1);
        }
    }
}
