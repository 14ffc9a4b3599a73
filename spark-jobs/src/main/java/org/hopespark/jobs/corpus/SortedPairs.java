package org.hopespark.jobs.corpus;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import scala.Tuple2;

/**
 * Byte strings of a group and a member, sorted by group and then by member. Groups of any size pass in a stream: Spark
 * sorts on disk what does not fit in memory.
 */
final class SortedPairs {
    private static final byte[] NOTHING = {};

    private SortedPairs() {}

    /** A group of eight or more bytes and a member of eight. */
    static byte[] pair(byte[] group, long member) {
        return ByteBuffer.allocate(group.length + Long.BYTES)
                .put(group)
                .putLong(member)
                .array();
    }

    /** The same, where the group is a number. */
    static byte[] pair(long group, long member) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(group)
                .putLong(member)
                .array();
    }

    static long group(byte[] pair) {
        return ByteBuffer.wrap(pair).getLong();
    }

    static long member(byte[] pair) {
        return ByteBuffer.wrap(pair).getLong(pair.length - Long.BYTES);
    }

    /** A pair of numbers the other way round. */
    static byte[] reversed(byte[] pair) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(member(pair))
                .put(pair, 0, Long.BYTES)
                .array();
    }

    static boolean sameGroup(byte[] a, byte[] b) {
        return Arrays.equals(a, 0, a.length - Long.BYTES, b, 0, b.length - Long.BYTES);
    }

    /** Sorts, with all of a group in one partition, which the hash of the group chooses. */
    static JavaRDD<byte[]> sort(JavaRDD<byte[]> pairs, int partitions) {
        return sort(pairs, new ByGroup(partitions));
    }

    /** Sorts, in a partition for each value of the upper half of a group's number. */
    static JavaRDD<byte[]> sortByUpperHalf(JavaRDD<byte[]> pairs, int partitions) {
        return sort(pairs, new ByUpperHalf(partitions));
    }

    private static JavaRDD<byte[]> sort(JavaRDD<byte[]> pairs, Partitioner partitioner) {
        JavaPairRDD<byte[], byte[]> keyed = pairs.mapToPair(pair -> new Tuple2<>(pair, NOTHING));
        Function<Tuple2<byte[], byte[]>, byte[]> key = Tuple2::_1;
        return keyed.repartitionAndSortWithinPartitions(partitioner, new ByBytes())
                .map(key);
    }

    /** Sorted pairs without those that equal the one before. */
    static Iterator<byte[]> distinct(Iterator<byte[]> sorted) {
        return new Iterator<>() {
            private byte[] next = NOTHING;
            private byte[] before = NOTHING;

            @Override
            public boolean hasNext() {
                while (next.length == 0 && sorted.hasNext()) {
                    byte[] candidate = sorted.next();
                    next = Arrays.equals(candidate, before) ? NOTHING : candidate;
                }
                return next.length > 0;
            }

            @Override
            public byte[] next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                before = next;
                next = NOTHING;
                return before;
            }
        };
    }

    private static final class ByGroup extends Partitioner {
        private static final long serialVersionUID = 1L;

        private final int partitions;

        ByGroup(int partitions) {
            this.partitions = partitions;
        }

        @Override
        public int numPartitions() {
            return partitions;
        }

        @Override
        public int getPartition(Object pair) {
            long mixed = group((byte[]) pair) * 0x9E3779B97F4A7C15L;
            return Math.floorMod((int) (mixed >>> 32), partitions);
        }
    }

    private static final class ByUpperHalf extends Partitioner {
        private static final long serialVersionUID = 1L;

        private final int partitions;

        ByUpperHalf(int partitions) {
            this.partitions = partitions;
        }

        @Override
        public int numPartitions() {
            return partitions;
        }

        @Override
        public int getPartition(Object pair) {
            return (int) (group((byte[]) pair) >>> 32);
        }
    }

    private static final class ByBytes implements Comparator<byte[]>, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public int compare(byte[] a, byte[] b) {
            return Arrays.compareUnsigned(a, b);
        }
    }
}
