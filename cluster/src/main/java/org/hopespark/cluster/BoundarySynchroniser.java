package org.hopespark.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.hopespark.model.BoundarySync;
import org.hopespark.model.ReplicaMismatchException;

/**
 * The workers' meeting point: at every step they compare where they are and whether their parameters are equal, at the
 * boundaries of a level they add its gradients. It has no schedule of its own.
 */
public final class BoundarySynchroniser implements BoundarySync {
    private static final List<StopRequest> WISHES = List.of(StopRequest.values());

    private final Collective collective;

    public BoundarySynchroniser(Collective collective) {
        this.collective = collective;
    }

    @Override
    public int rank() {
        return collective.transport().rank();
    }

    @Override
    public int workers() {
        return collective.transport().ranks();
    }

    @Override
    public Agreement open(long step, long tokens, StopRequest stop, long[] digests) {
        long[] mine = new long[3 + digests.length];
        mine[0] = step;
        mine[1] = tokens;
        mine[2] = WISHES.indexOf(stop);
        System.arraycopy(digests, 0, mine, 3, digests.length);
        long[][] all = collective.allGather(step, mine);
        compare(all, 0, "the workers are not at one step", Long::toString);
        for (int level = 1; level <= digests.length; level++) {
            compare(
                    all,
                    level + 2,
                    "step " + step + ": the parameters of level " + level + " differ",
                    digest -> "digest " + Long.toHexString(digest));
        }
        long sum = 0;
        long strongest = 0;
        for (long[] one : all) {
            sum += one[1];
            strongest = Math.max(strongest, one[2]);
        }
        return new Agreement(sum, WISHES.get((int) strongest));
    }

    @Override
    public Pending sum(Part part) {
        int level = part.level().index();
        return part.compressed()
                .map(values -> collective.startSum(part.step(), level, values, part.slices()))
                .orElseGet(() -> collective.startSum(part.step(), level, part.values(), part.slices()))::await;
    }

    @Override
    public Pending reduce(Part part) {
        int level = part.level().index();
        return part.compressed()
                .map(values -> collective.startReduce(part.step(), level, values, part.slices()))
                .orElseGet(() -> collective.startReduce(part.step(), level, part.values(), part.slices()))::await;
    }

    @Override
    public Publication gather(Part part) {
        Collective.Gather gather =
                collective.startGather(part.step(), part.level().index(), part.values(), part.slices());
        return () -> gather.send()::await;
    }

    @Override
    public List<double[]> share(long step, double[] values) {
        long[] bits =
                Arrays.stream(values).mapToLong(Double::doubleToRawLongBits).toArray();
        return Arrays.stream(collective.allGather(step, bits))
                .map(one ->
                        Arrays.stream(one).mapToDouble(Double::longBitsToDouble).toArray())
                .toList();
    }

    private void compare(long[][] all, int column, String problem, LongFunction<String> print) {
        Map<Long, List<Integer>> ranksByValue = new LinkedHashMap<>();
        for (int rank = 0; rank < all.length; rank++) {
            ranksByValue
                    .computeIfAbsent(all[rank][column], value -> new ArrayList<>())
                    .add(rank);
        }
        if (ranksByValue.size() > 1) {
            // the smallest group first: most likely the one that went wrong
            String message = problem + ": "
                    + ranksByValue.entrySet().stream()
                            .sorted((a, b) -> a.getValue().size() - b.getValue().size())
                            .map(group -> "ranks " + group.getValue() + " have " + print.apply(group.getKey()))
                            .collect(Collectors.joining(", "));
            ReplicaMismatchException mismatch = new ReplicaMismatchException(message);
            collective.transport().fail(mismatch);
            throw mismatch;
        }
    }
}
