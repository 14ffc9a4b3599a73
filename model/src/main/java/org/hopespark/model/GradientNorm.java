package org.hopespark.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The norm of a level's gradient, from sums of squares of its units ({@link Slices}). A unit belongs to one worker, and
 * all units are added in the order of the vector: the norm has the same bits for any number of workers.
 */
final class GradientNorm {
    /** Tensors that a message names. */
    private static final int NAMED = 3;

    private final Torch torch;
    private final ShardSpec share;

    GradientNorm(Torch torch, ShardSpec share) {
        this.torch = torch;
        this.share = share;
    }

    /** One sum a unit of each bucket; zero for units that this worker does not update. */
    double[] squares(LevelState state) {
        double[] squares = new double[state.layout().units()];
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            int offset = 0;
            for (int i = 0; i < state.layout().buckets().size(); i++) {
                Bucket bucket = state.layout().buckets().get(i);
                List<NDArray> gradients = state.updatedGradients().get(i);
                if (!gradients.isEmpty()) {
                    double[] own = squares(bucket, gradients, manager);
                    System.arraycopy(own, 0, squares, offset + state.layout().firstUpdatedUnit(bucket), own.length);
                }
                offset += bucket.slices().unitCount();
            }
        }
        return squares;
    }

    private double[] squares(Bucket bucket, List<NDArray> gradients, NDManager manager) {
        NDList sums = bucket.optimizer().ownership() == Optimizer.Ownership.MATRIX
                ? torch.call("squares_of_each", Torch.named("g", gradients))
                : torch.call("squares", gradients.get(0), manager.create(new double[] {
                    bucket.slices().units().get(1)
                }));
        return sums.get(0).toDoubleArray();
    }

    /** The part of all levels' {@link #squares} that this worker owns, in as many numbers on every worker. */
    double[] ownSquares(List<LevelState> due, List<double[]> squares) {
        double[] own = new double
                [due.stream().mapToInt(state -> state.layout().mostUnits()).sum()];
        int at = 0;
        for (int i = 0; i < due.size(); i++) {
            int to = at;
            for (int unit : due.get(i).layout().unitsOf(share.rank())) {
                own[to++] = squares.get(i)[unit];
            }
            at += due.get(i).layout().mostUnits();
        }
        return own;
    }

    /** Puts together what {@link #ownSquares} gave on every worker. */
    void takeSquares(List<LevelState> due, List<double[]> squares, List<double[]> all) {
        for (int rank = 0; rank < all.size(); rank++) {
            int at = 0;
            for (int i = 0; i < due.size(); i++) {
                int from = at;
                for (int unit : due.get(i).layout().unitsOf(rank)) {
                    squares.get(i)[unit] = all.get(rank)[from++];
                }
                at += due.get(i).layout().mostUnits();
            }
        }
    }

    /**
     * The norm.
     *
     * @param squares of all units
     * @param reduction what the level multiplies the sum of its window's gradients with
     * @throws DivergedException if it is not finite
     */
    double of(LevelState state, long step, double[] squares, double reduction) {
        double norm = Math.sqrt(Arrays.stream(squares).reduce(0, Double::sum)) * reduction;
        if (!Double.isFinite(norm)) {
            throw new DivergedException("the gradient of level " + state.level() + " is not finite at step " + step
                    + ": " + notFinite(state, squares)
                    + "; training has diverged: resume from the last checkpoint with a"
                    + " lower training.learning-rate or training.clip-norm");
        }
        return norm;
    }

    /**
     * Which tensors have a gradient with values that are not finite, and how many.
     *
     * @param squares of all units, those of other workers included
     */
    private String notFinite(LevelState state, double[] squares) {
        state.gradient().pull();
        List<String> found = new ArrayList<>();
        for (ParameterSpec spec : state.layout().specs()) {
            Bucket.Range range = state.layout().range(spec);
            long wrong =
                    state.gradient().buffer().range(range.from(), range.to()).notFinite();
            if (wrong > 0) {
                found.add(wrong + " of " + spec.elements() + " values of " + spec.name());
            }
        }
        if (found.isEmpty()) {
            found.addAll(notFiniteElsewhere(state.layout(), squares));
        }
        if (found.isEmpty()) {
            return "no value, but their norm overflows";
        }
        int named = Math.min(NAMED, found.size());
        String more = found.size() > named ? ", and of " + (found.size() - named) + " tensors more" : "";
        return String.join(", ", found.subList(0, named)) + more;
    }

    private static Set<String> notFiniteElsewhere(LevelLayout layout, double[] squares) {
        Set<String> found = new LinkedHashSet<>();
        int offset = 0;
        for (Bucket bucket : layout.buckets()) {
            Slices slices = bucket.slices();
            for (int u = 0; u < slices.unitCount(); u++) {
                Bucket.Range unit = new Bucket.Range(
                        bucket.from() + slices.units().get(u),
                        bucket.from() + slices.units().get(u + 1));
                if (!Double.isFinite(squares[offset + u])
                        && layout.updated(bucket).and(unit).elements() == 0) {
                    layout.specs().stream()
                            .filter(spec -> layout.range(spec).and(unit).elements() > 0)
                            .forEach(spec -> found.add("values of " + spec.name() + " on another worker"));
                }
            }
            offset += slices.unitCount();
        }
        return found;
    }
}
