package org.hopespark.jobs.corpus;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.TaskCompletionListener;
import org.hopespark.conf.CorpusStep;
import org.hopespark.conf.ExactDuplicatesConfig;
import org.hopespark.conf.NearDuplicatesConfig;
import org.hopespark.data.corpus.Duplicates;
import org.hopespark.data.corpus.MinHash;
import org.hopespark.data.corpus.StepFolder;
import org.hopespark.data.corpus.TextHash;
import org.hopespark.data.filter.FilteredPart;
import org.hopespark.data.source.Document;
import org.hopespark.data.source.InputPart;
import org.hopespark.jobs.spark.BundledTasks;

/**
 * Finds documents that are duplicates of earlier ones, and writes their numbers down, part by part. Documents that
 * share a hash lie side by side after one sort; each is joined to the first of them, so that a group of n has n - 1
 * edges, not n squared.
 */
final class DuplicateSearch {
    private DuplicateSearch() {}

    private record NumberedPart(int index, List<InputPart> part) implements Serializable {
        long bytes() {
            return part.stream().mapToLong(InputPart::bytes).sum();
        }
    }

    /**
     * Runs the search. Documents of earlier parts come before all others; what is a duplicate among them stays.
     *
     * @param earlier parts that are looked at and not written
     * @param maxBad unreadable rows that a part may have
     */
    static void run(
            JavaSparkContext spark,
            CorpusStep step,
            List<List<InputPart>> earlier,
            List<List<InputPart>> parts,
            StepFolder folder,
            long maxBad,
            Consumer<String> progress) {
        int all = earlier.size() + parts.size();
        int partitions = Math.max(spark.defaultParallelism(), all);
        spark.setCallSite(step.name() + ": hash documents");
        List<NumberedPart> numbered = new ArrayList<>();
        earlier.forEach(part -> numbered.add(new NumberedPart(numbered.size(), part)));
        parts.forEach(part -> numbered.add(new NumberedPart(numbered.size(), part)));
        JavaRDD<byte[]> hashes = BundledTasks.of(spark, numbered, NumberedPart::bytes)
                .mapPartitions(some -> new Hashes(some, step, folder, maxBad));
        spark.setCallSite(step.name() + ": find equal hashes");
        JavaRDD<byte[]> edges = SortedPairs.sort(hashes, partitions).mapPartitions(ToFirst::new);
        JavaRDD<byte[]> originals =
                step instanceof NearDuplicatesConfig ? ConnectedComponents.of(edges, partitions, progress) : edges;
        spark.setCallSite(step.name() + ": note duplicates");
        int first = earlier.size();
        SortedPairs.sortByUpperHalf(originals, all)
                .mapPartitionsWithIndex(
                        (index, pairs) -> {
                            if (index < first) {
                                return Collections.emptyIterator();
                            }
                            folder.writeDuplicates(
                                    index - first,
                                    map(
                                            pairs,
                                            pair -> new Duplicates.Pair(
                                                    SortedPairs.group(pair), SortedPairs.member(pair))),
                                    Long.toString(TaskContext.get().taskAttemptId()));
                            return Collections.<Integer>emptyIterator();
                        },
                        false)
                .count();
        folder.duplicatesAreKnown(parts.size());
    }

    private static <A, B> Iterator<B> map(Iterator<A> from, Function<A, B> function) {
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

    /** The hashes of the documents of some parts, each with the number of its document. */
    private static final class Hashes implements Iterator<byte[]> {
        private final Iterator<NumberedPart> parts;
        private final Function<Document, List<byte[]>> hash;
        private final StepFolder folder;
        private final long maxBad;
        private final List<byte[]> ready = new ArrayList<>();
        private List<FilteredPart> open = List.of();
        private int index;
        private long row;

        Hashes(Iterator<NumberedPart> parts, CorpusStep step, StepFolder folder, long maxBad) {
            this.parts = parts;
            this.folder = folder;
            this.maxBad = maxBad;
            hash = hashing(step);
            TaskCompletionListener close = context -> open.forEach(FilteredPart::close);
            TaskContext.get().addTaskCompletionListener(close);
        }

        @Override
        public boolean hasNext() {
            while (ready.isEmpty() && (!open.isEmpty() || parts.hasNext())) {
                if (open.isEmpty()) {
                    NumberedPart next = parts.next();
                    index = next.index;
                    row = 0;
                    open = List.of(new FilteredPart(
                            next.part, folder.storage(), List.of(), maxBad, FilteredPart.Removals.NONE));
                }
                FilteredPart part = open.get(0);
                if (part.hasNext()) {
                    long number = Duplicates.number(index, row++);
                    hash.apply(part.next()).forEach(found -> ready.add(SortedPairs.pair(found, number)));
                } else {
                    part.close();
                    open = List.of();
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

        private static Function<Document, List<byte[]>> hashing(CorpusStep step) {
            if (step instanceof ExactDuplicatesConfig) {
                return document -> {
                    TextHash hash = TextHash.of(document.text());
                    return List.of(ByteBuffer.allocate(2 * Long.BYTES)
                            .putLong(hash.high())
                            .putLong(hash.low())
                            .array());
                };
            } else if (step instanceof NearDuplicatesConfig near) {
                MinHash.Signer signer =
                        new MinHash(near.shingleWords(), near.bands(), near.rows(), near.seed()).new Signer();
                return document -> {
                    List<byte[]> bands = new ArrayList<>();
                    for (long band : signer.bands(document.text())) {
                        bands.add(ByteBuffer.allocate(Long.BYTES).putLong(band).array());
                    }
                    return bands;
                };
            }
            throw new IllegalArgumentException(step.name() + " does not look for duplicates");
        }
    }

    /** Of each group all but the first member, with the first. */
    private static final class ToFirst implements Iterator<byte[]> {
        private final Iterator<byte[]> pairs;
        private byte[] first = {};
        private byte[] next = {};

        ToFirst(Iterator<byte[]> pairs) {
            this.pairs = SortedPairs.distinct(pairs);
        }

        @Override
        public boolean hasNext() {
            while (next.length == 0 && pairs.hasNext()) {
                byte[] pair = pairs.next();
                if (first.length > 0 && SortedPairs.sameGroup(first, pair)) {
                    next = SortedPairs.pair(SortedPairs.member(pair), SortedPairs.member(first));
                } else {
                    first = pair;
                }
            }
            return next.length > 0;
        }

        @Override
        public byte[] next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            byte[] edge = next;
            next = new byte[0];
            return edge;
        }
    }
}
