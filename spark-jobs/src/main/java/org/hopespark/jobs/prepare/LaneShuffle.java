package org.hopespark.jobs.prepare;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.Partitioner;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.TaskCompletionListener;
import org.hopespark.data.shard.PartReport;
import org.hopespark.data.shard.PartRow;
import org.hopespark.data.shard.PartTokenizer;
import org.hopespark.data.shard.Recipe;
import org.hopespark.data.shard.TokenizedDocument;
import org.hopespark.data.source.InputPart;
import org.hopespark.data.tokenizer.Tokenizer;
import scala.Tuple2;

/**
 * The one shuffle: documents to lanes, sorted.
 *
 * <p>Keys are the byte strings of {@link TokenizedDocument#order()}, which are total, so retries cannot change the
 * order. The reports of the reading tasks go the same way, into one partition behind those of the lanes, and rows that
 * could not be read into another: they are counted exactly once even when tasks run again.
 */
final class LaneShuffle {
    private LaneShuffle() {}

    static List<PartReport> run(JavaRDD<InputPart> parts, PrepareTasks tasks) {
        Recipe recipe = tasks.readRecipe();
        int lanes = recipe.packing().allLanes();
        JavaSparkContext spark = JavaSparkContext.fromSparkContext(parts.context());
        spark.setCallSite("read and tokenize");
        JavaPairRDD<byte[], byte[]> documents = parts.mapPartitionsToPair(part -> new ReadTask(part, tasks));
        spark.setCallSite("sort and pack");
        return documents
                .repartitionAndSortWithinPartitions(new ByLane(lanes + 2), new ByOrder())
                .mapPartitionsWithIndex((index, rows) -> writeLane(index, rows, tasks, lanes), false)
                .collect()
                .stream()
                .map(PartReport::fromJson)
                .toList();
    }

    private static Iterator<byte[]> writeLane(
            int index, Iterator<Tuple2<byte[], byte[]>> rows, PrepareTasks tasks, int lanes) {
        if (index == lanes) {
            return map(rows, Tuple2::_2);
        }
        if (index == lanes + 1) {
            tasks.writeBad(map(rows, Tuple2::_2), TaskContext.get().taskAttemptId());
            return Collections.emptyIterator();
        }
        Recipe recipe = tasks.readRecipe();
        Iterator<TokenizedDocument> documents =
                map(rows, row -> TokenizedDocument.fromBytes(row._1(), row._2(), recipe.dtype()));
        tasks.write(index, documents, TaskContext.get().taskAttemptId());
        return Collections.emptyIterator();
    }

    private static <A, B> Iterator<B> map(Iterator<A> from, java.util.function.Function<A, B> function) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return from.hasNext();
            }

            @Override
            public B next() {
                return function.apply(from.next());
            }
        };
    }

    /** The documents and bad rows of some parts and, behind those of each, its report. */
    private static final class ReadTask implements Iterator<Tuple2<byte[], byte[]>> {
        private final Iterator<InputPart> parts;
        private final PrepareTasks tasks;
        private final Recipe recipe;
        private final Tokenizer tokenizer;
        private Optional<PartTokenizer> current = Optional.empty();

        ReadTask(Iterator<InputPart> parts, PrepareTasks tasks) {
            this.parts = parts;
            this.tasks = tasks;
            recipe = tasks.readRecipe();
            tokenizer = tasks.openTokenizer(recipe);
            TaskCompletionListener close = context -> {
                current.ifPresent(PartTokenizer::close);
                tokenizer.close();
            };
            TaskContext.get().addTaskCompletionListener(close);
        }

        @Override
        public boolean hasNext() {
            return current.isPresent() || parts.hasNext();
        }

        @Override
        public Tuple2<byte[], byte[]> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            if (current.isEmpty()) {
                current = Optional.of(tasks.open(parts.next(), tokenizer, recipe));
            }
            PartTokenizer part = current.get();
            if (part.hasNext()) {
                PartRow row = part.next();
                return new Tuple2<>(row.order(), row.toBytes(recipe.dtype()));
            }
            part.close();
            current = Optional.empty();
            byte[] behindTheLanes = ByteBuffer.allocate(Integer.BYTES)
                    .putInt(recipe.packing().allLanes())
                    .array();
            return new Tuple2<>(behindTheLanes, part.report().toJson());
        }
    }

    /** The partition is the lane, with which the order of a document begins. */
    private static final class ByLane extends Partitioner {
        private static final long serialVersionUID = 1L;

        private final int partitions;

        ByLane(int partitions) {
            this.partitions = partitions;
        }

        @Override
        public int numPartitions() {
            return partitions;
        }

        @Override
        public int getPartition(Object order) {
            return ByteBuffer.wrap((byte[]) order).getInt();
        }
    }

    private static final class ByOrder implements Comparator<byte[]>, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public int compare(byte[] a, byte[] b) {
            return Arrays.compareUnsigned(a, b);
        }
    }
}
