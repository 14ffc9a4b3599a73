package org.hopespark.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;

/**
 * How far the sequences of a batch have moved some parameters of a block away from the trained ones.
 *
 * @param places of these parameters among those of the block
 * @param shifts [B,D,E] each
 */
record FastWeights(List<Integer> places, List<NDArray> shifts) {
    static final FastWeights NONE = new FastWeights(List.of(), List.of());

    /** The block's parameters with those that the sequences have of their own. */
    NDList of(Torch torch, NDList parameters) {
        if (places.isEmpty()) {
            return parameters;
        }
        NDList arguments = Torch.named("p", places.stream().map(parameters::get).toList());
        arguments.addAll(Torch.named("shifts", shifts));
        NDList own = Torch.named("p", torch.call("shifted", arguments));
        NDList result = new NDList(parameters);
        for (int i = 0; i < places.size(); i++) {
            result.set(places.get(i), own.get(i));
        }
        return result;
    }
}
