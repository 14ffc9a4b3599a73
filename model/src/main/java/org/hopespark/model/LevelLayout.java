package org.hopespark.model;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Where the parameters of one level lie in its flat vectors, and which worker owns what. Plain arithmetic: it follows
 * from the architecture, the optimizers, the number of workers and the size of buckets alone. Who owns what depends on
 * the number of workers, where a tensor lies does not.
 *
 * <p>The vector is a row of {@link Bucket}s in the order in which backward finishes their gradients, so that a bucket
 * can be exchanged while backward is still running.
 */
final class LevelLayout {
    /**
     * Tensors start at multiples of 64 bytes (16 floats), as the engine's own do: kernels give the same bits wherever a
     * tensor lies.
     */
    static final long ALIGNMENT = Slices.ALIGNMENT;

    private final ShardSpec share;
    private final List<ParameterSpec> specs = new ArrayList<>();
    private final Map<String, Bucket.Range> ranges = new HashMap<>();
    private final List<Bucket> buckets = new ArrayList<>();
    private long elements;

    /**
     * What this worker updates at once.
     *
     * @param range its place in the level's vector
     * @param decays whether weight decay applies
     * @param shape of one tensor, or [n]
     */
    record Part(Bucket.Range range, boolean decays, List<Long> shape) {
        Part {
            shape = List.copyOf(shape);
        }
    }

    /**
     * Lays the parameters of a level out.
     *
     * @param groups in the order in which backward finishes their gradients
     * @param optimizers each parameter belongs to the first that takes it
     * @param share this worker's part of what the workers hold together
     * @param bucketElements least size of what is exchanged at once, but for the last of each optimizer
     */
    LevelLayout(List<List<ParameterSpec>> groups, List<Optimizer> optimizers, ShardSpec share, long bucketElements) {
        this.share = share;
        Map<Optimizer, List<ParameterSpec>> taken = new LinkedHashMap<>();
        Map<Optimizer, List<ParameterSpec>> pending = new LinkedHashMap<>();
        optimizers.forEach(optimizer -> taken.put(optimizer, new ArrayList<>()));
        optimizers.forEach(optimizer -> pending.put(optimizer, new ArrayList<>()));
        groups.forEach(group -> take(group, optimizers, taken));
        Map<Optimizer, Dealer> dealers = new HashMap<>();
        taken.forEach((optimizer, all) -> dealers.put(optimizer, new Dealer(share.ranks(), all)));
        for (int group = 0; group < groups.size(); group++) {
            take(groups.get(group), optimizers, pending);
            for (Optimizer optimizer : optimizers) {
                List<ParameterSpec> waiting = requireNonNull(pending.get(optimizer));
                long size = waiting.stream().mapToLong(ParameterSpec::elements).sum();
                if (size >= bucketElements || (size > 0 && group == groups.size() - 1)) {
                    buckets.add(bucket(waiting, group, optimizer, requireNonNull(dealers.get(optimizer))));
                    waiting.clear();
                }
            }
        }
    }

    private static void take(
            List<ParameterSpec> group, List<Optimizer> optimizers, Map<Optimizer, List<ParameterSpec>> taken) {
        for (ParameterSpec spec : group) {
            requireNonNull(taken.get(Optimizer.of(spec, optimizers))).add(spec);
        }
    }

    private Bucket bucket(List<ParameterSpec> waiting, int group, Optimizer optimizer, Dealer dealer) {
        long from = elements;
        List<ParameterSpec> placed = new ArrayList<>();
        placed.addAll(place(waiting, spec -> spec.decays()));
        long split = elements;
        placed.addAll(place(waiting, spec -> !spec.decays()));
        Slices slices = optimizer.ownership() == Optimizer.Ownership.MATRIX
                ? dealer.deal(placed)
                : Slices.of(elements - from, share.ranks());
        return new Bucket(from, split, elements, group, optimizer, slices);
    }

    private List<ParameterSpec> place(List<ParameterSpec> waiting, Predicate<ParameterSpec> chosen) {
        List<ParameterSpec> placed = waiting.stream().filter(chosen).toList();
        for (ParameterSpec spec : placed) {
            ranges.put(spec.name(), new Bucket.Range(elements, elements + spec.elements()));
            elements += aligned(spec.elements());
        }
        specs.addAll(placed);
        return placed;
    }

    /** The first multiple of {@link #ALIGNMENT} from there on. */
    static long aligned(long elements) {
        return (elements + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** Length of the vector, padding between tensors included. */
    long elements() {
        return elements;
    }

    /** The parameters in the order of the vector. */
    List<ParameterSpec> specs() {
        return specs;
    }

    /** Where a parameter lies. */
    Bucket.Range range(ParameterSpec spec) {
        return requireNonNull(ranges.get(spec.name()));
    }

    /** What is exchanged at once, in the order of the vector. */
    List<Bucket> buckets() {
        return buckets;
    }

    /** What this worker owns of a bucket. */
    Bucket.Range owned(Bucket bucket) {
        return bucket.owned(share.rank());
    }

    /** What this worker updates of a bucket. */
    Bucket.Range updated(Bucket bucket) {
        return share.isSharded() ? owned(bucket) : bucket.whole();
    }

    /** The first unit of a bucket that this worker updates. */
    int firstUpdatedUnit(Bucket bucket) {
        return share.isSharded() ? bucket.slices().firstUnit(share.rank()) : 0;
    }

    /** What this worker updates of a bucket: one slice, each matrix, or nothing. */
    List<Bucket.Range> updatedRanges(Bucket bucket) {
        Bucket.Range range = updated(bucket);
        if (range.elements() == 0) {
            return List.of();
        }
        return bucket.optimizer().ownership() == Optimizer.Ownership.SLICE
                ? List.of(range)
                : parts(bucket).stream().map(Part::range).toList();
    }

    /** What this worker updates with an optimizer, in the order of the vector. */
    List<Part> parts(Optimizer optimizer) {
        return buckets.stream()
                .filter(bucket -> bucket.optimizer().equals(optimizer))
                .flatMap(bucket -> parts(bucket).stream())
                .toList();
    }

    /** What this worker updates of a bucket: slices with and without weight decay, or matrix by matrix. */
    private List<Part> parts(Bucket bucket) {
        Bucket.Range range = updated(bucket);
        if (bucket.optimizer().ownership() == Optimizer.Ownership.MATRIX) {
            return specs.stream()
                    .filter(spec -> range(spec).and(range).elements() > 0)
                    .map(spec -> new Part(range(spec), spec.decays(), spec.shape()))
                    .toList();
        }
        List<Part> parts = new ArrayList<>();
        for (Bucket.Range part : List.of(range.and(bucket.decaying()), range.and(bucket.notDecaying()))) {
            if (part.elements() > 0) {
                parts.add(new Part(part, part.from() < bucket.split(), List.of(part.elements())));
            }
        }
        return parts;
    }

    /** The parameters that an optimizer updates, on this worker or another one, in the order of the vector. */
    List<ParameterSpec> specs(Optimizer optimizer) {
        List<Bucket.Range> whole = buckets.stream()
                .filter(bucket -> bucket.optimizer().equals(optimizer))
                .map(Bucket::whole)
                .toList();
        return specs.stream()
                .filter(spec ->
                        whole.stream().anyMatch(range -> range.and(range(spec)).elements() > 0))
                .toList();
    }

    /** Number of units of all buckets. */
    int units() {
        return buckets.stream().mapToInt(bucket -> bucket.slices().unitCount()).sum();
    }

    /** The units that a rank owns, counted over all buckets. */
    List<Integer> unitsOf(int rank) {
        List<Integer> owned = new ArrayList<>();
        int offset = 0;
        for (Bucket bucket : buckets) {
            Slices slices = bucket.slices();
            for (int u = slices.firstUnit(rank); u < slices.firstUnit(rank + 1); u++) {
                owned.add(offset + u);
            }
            offset += slices.unitCount();
        }
        return owned;
    }

    /** No rank owns more units. */
    int mostUnits() {
        return buckets.stream().mapToInt(bucket -> bucket.slices().mostUnits()).sum();
    }

    /** Deals the matrices of a level to the ranks by size, in the order of the vector. */
    private static final class Dealer {
        private final int ranks;
        private final long total;
        private long dealt;

        Dealer(int ranks, List<ParameterSpec> all) {
            this.ranks = ranks;
            total = all.stream().mapToLong(spec -> aligned(spec.elements())).sum();
        }

        /** The owner of a matrix is that of its middle, were the level cut into equal slices. */
        Slices deal(List<ParameterSpec> matrices) {
            List<Long> units = new ArrayList<>(List.of(0L));
            int[] owned = new int[ranks + 1];
            for (ParameterSpec matrix : matrices) {
                long size = aligned(matrix.elements());
                int owner = (int) ((2 * dealt + size) * ranks / (2 * total));
                for (int rank = owner + 1; rank <= ranks; rank++) {
                    owned[rank]++;
                }
                dealt += size;
                units.add(units.get(units.size() - 1) + size);
            }
            return new Slices(units, Arrays.stream(owned).boxed().toList());
        }
    }
}
