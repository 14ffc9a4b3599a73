package org.hopespark.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.List;
import org.hopespark.conf.TrainingConfig;

/**
 * The update of what this worker updates of a level: reduction and clipping of the window's gradient, then the level's
 * optimizers. Everything that is not linear happens here, after the exchange.
 */
final class LevelUpdate {
    private final Torch torch;

    LevelUpdate(Torch torch) {
        this.torch = torch;
    }

    /**
     * Updates what this worker updates of a level, and clears the whole gradient.
     *
     * @param norm of the reduced gradient
     * @param reduction what the level multiplies the sum of its window's gradients with
     */
    void update(LevelState state, double learningRate, TrainingConfig training, double norm, double reduction) {
        double factor =
                training.clipNorm() > 0 ? reduction * Math.min(1, training.clipNorm() / (norm + 1e-12)) : reduction;
        FlatBuffer count = state.optimizerSteps();
        count.put(0, count.get(0) + 1);
        for (OptimizerState each : state.optimizers()) {
            Optimizer optimizer = each.optimizer();
            double rate = learningRate * state.level().learningRateFactor() * optimizer.learningRateFactor();
            for (boolean decays : new boolean[] {true, false}) {
                List<Optimizer.Piece> pieces = each.pieces().stream()
                        .filter(piece -> piece.decays() == decays)
                        .toList();
                if (!pieces.isEmpty()) {
                    double decay = decays ? training.weightDecay() : 0;
                    // a sum of updates has no weight that decays: the parameters have
                    double ofTarget = state.level().isOptimizedEveryStep() ? 0 : decay;
                    scale(pieces, factor);
                    optimizer.update(torch, pieces, new Optimizer.Update(rate, ofTarget, count.get(0), training));
                    if (decay > ofTarget) {
                        addDecay(pieces, -rate * decay);
                    }
                }
            }
        }
        if (state.level().isApproximate()) {
            state.beginWindow();
        } else {
            torch.call("zero", state.gradient().tensor()).close();
        }
    }

    /** Moves the parameters by the sum of a window's updates, and clears that sum. */
    void applyUpdates(LevelState state) {
        for (OptimizerState each : state.optimizers()) {
            if (!each.pieces().isEmpty()) {
                try (NDScope scope = new NDScope()) {
                    scope.suppressNotUsedWarning();
                    NDList arguments = Optimizer.named("to", each.pieces(), Optimizer.Piece::parameters);
                    arguments.addAll(Optimizer.named("a", each.pieces(), Optimizer.Piece::target));
                    torch.call("add", arguments);
                }
            }
        }
        clearUpdates(state);
    }

    /** Forgets the updates since the last boundary. */
    void clearUpdates(LevelState state) {
        state.optimizers()
                .forEach(each -> torch.call("zero", each.updates().tensor()).close());
    }

    private void scale(List<Optimizer.Piece> pieces, double factor) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            List<NDArray> gradients =
                    pieces.stream().map(Optimizer.Piece::gradient).toList();
            torch.call("scale", Torch.named("g", gradients, manager.create(new double[] {factor})));
        }
    }

    private void addDecay(List<Optimizer.Piece> pieces, double factor) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            NDList arguments = Optimizer.named("u", pieces, Optimizer.Piece::target);
            arguments.addAll(Optimizer.named("p", pieces, Optimizer.Piece::parameters));
            arguments.add(manager.create(new double[] {factor}));
            torch.call("add_decay", arguments);
        }
    }
}
