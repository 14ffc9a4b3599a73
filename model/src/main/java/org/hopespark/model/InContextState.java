package org.hopespark.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What sequences that are equally long carry on of what they learn in context. How many tokens a window has seen
 * follows from the length of the sequence.
 *
 * <p>The open window is kept as it entered the first block that learns, to be read again when it closes: its gradient
 * is then the same in whatever pieces its tokens came. Its size does not grow with the sequence; where the mixer is
 * attention, the keys and values as of its start do.
 *
 * @param shifts [B,D,E] by which copies, then their initial states, have moved away from the trained parameters
 * @param sums [B,D,E] gradients of each in the open window of its level
 * @param window of the fastest level: rows [B,W,D] that entered the first block, ids [B,W]
 * @param mixers states of the mixers as of the start of that window
 */
record InContextState(NDList shifts, NDList sums, NDList window, List<NDList> mixers) {
    private static final int OWN = 3;

    InContextState {
        mixers = List.copyOf(mixers);
    }

    /** Sequences before their first token. */
    static InContextState none(InContext inContext, NDArray x) {
        NDManager manager = x.getManager();
        long sequences = x.getShape().get(0);
        List<ParameterSpec> specs = Stream.concat(
                        inContext.matrices().stream(),
                        inContext.initialStates().stream()
                                .map(initial -> inContext.matrices().get(initial.matrix())))
                .map(InContext.Matrix::spec)
                .toList();
        return new InContextState(
                zeros(specs, sequences, manager, x.getDataType()),
                zeros(specs, sequences, manager, x.getDataType()),
                new NDList(
                        manager.zeros(new Shape(sequences, 0, x.getShape().get(2)), x.getDataType()),
                        manager.zeros(new Shape(sequences, 0), DataType.INT64)),
                inContext.blocks().stream().map(block -> new NDList()).toList());
    }

    private static NDList zeros(List<ParameterSpec> specs, long sequences, NDManager manager, DataType type) {
        NDList result = new NDList();
        for (ParameterSpec spec : specs) {
            Shape shape =
                    new Shape(spec.shape().stream().mapToLong(Long::longValue).toArray());
            result.add(manager.zeros(new Shape(sequences).addAll(shape), type));
        }
        return result;
    }

    /** The state that {@link #lists} gave. */
    static InContextState of(List<NDList> lists) {
        return new InContextState(lists.get(0), lists.get(1), lists.get(2), lists.subList(OWN, lists.size()));
    }

    /** How many lists of arrays that are. */
    static int lists(int blocks) {
        return OWN + blocks;
    }

    List<NDList> lists() {
        List<NDList> lists = new ArrayList<>(List.of(shifts, sums, window));
        lists.addAll(mixers);
        return lists;
    }

    NDArray rows() {
        return window.get(0);
    }

    NDArray ids() {
        return window.get(1);
    }

    /** Tokens of the open window; all of it where the id that follows is not yet known. */
    long openTokens() {
        return ids().getShape().get(1);
    }

    /** Tokens after those of the open window. */
    static NDArray joined(NDArray window, NDArray next) {
        return window.getShape().get(1) == 0 ? next : NDArrays.concat(new NDList(window, next), 1);
    }
}
