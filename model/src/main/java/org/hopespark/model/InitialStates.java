package org.hopespark.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.hopespark.conf.Level;

/**
 * Parameters that restart from an initial state which a slower level learns (the nested continuum memory, Nested
 * Learning, Eq. 72).
 */
final class InitialStates {
    private final Torch torch;
    private final Architecture architecture;
    private final Function<ParameterSpec, LevelState> owner;

    /**
     * The initial states of an architecture.
     *
     * @param owner the state of the level that a parameter belongs to
     */
    InitialStates(Torch torch, Architecture architecture, Function<ParameterSpec, LevelState> owner) {
        this.torch = torch;
        this.architecture = architecture;
        this.owner = owner;
    }

    /**
     * Adds a level's window to the gradients of the initial states of its parameters: to first order, the gradient of
     * an initial state is the sum of the gradients along the way that starts there.
     */
    void addGradients(Level level) {
        List<NDArray> windows = new ArrayList<>();
        List<NDArray> sums = new ArrayList<>();
        architecture.initialStates().forEach((state, initial) -> {
            if (state.level().equals(level)) {
                windows.add(owner.apply(state).gradientView(state));
                sums.add(owner.apply(initial).gradientView(initial));
            }
        });
        callOnPairs("add", sums, windows);
    }

    /** Resets the parameters whose initial state a level owns to that state. */
    void reset(Level level) {
        List<NDArray> states = new ArrayList<>();
        List<NDArray> values = new ArrayList<>();
        architecture.initialStates().forEach((state, initial) -> {
            if (initial.level().equals(level)) {
                states.add(owner.apply(state).leaf(state));
                values.add(owner.apply(initial).leaf(initial));
            }
        });
        callOnPairs("copy", states, values);
    }

    /** The levels whose parameters change when some are updated: those, and those that restart from them. */
    Set<Level> touchedBy(Collection<Level> updated) {
        Set<Level> touched = new LinkedHashSet<>(updated);
        architecture.initialStates().forEach((state, initial) -> {
            if (updated.contains(initial.level())) {
                touched.add(state.level());
            }
        });
        return touched;
    }

    private void callOnPairs(String method, List<NDArray> to, List<NDArray> from) {
        if (to.isEmpty()) {
            return;
        }
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            // names are set on the views, not on the leaves themselves
            NDList arguments =
                    Torch.named("to", to.stream().map(NDArray::stopGradient).toList());
            arguments.addAll(
                    Torch.named("a", from.stream().map(NDArray::stopGradient).toList()));
            torch.call(method, arguments);
        }
    }
}
