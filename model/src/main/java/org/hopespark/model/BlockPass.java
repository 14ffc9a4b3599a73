package org.hopespark.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import java.util.ArrayList;
import java.util.List;

/**
 * A batch's way through one block and back. Parameters are leaves that collect their gradient.
 *
 * <p>What backward needs is either kept, or computed anew, a few chunks at a time, from the block's input and the state
 * that entered those chunks: then one block's graph of a few chunks is all that is ever recorded, whatever the length
 * of the sequence, at the price of another forward pass.
 */
final class BlockPass {
    private final Torch torch;
    private final NDList parameters;
    private final Inputs inputs;
    private final int stepTokens;
    private final List<NDList> states = new ArrayList<>();
    private final NDArray in;
    private final NDArray out;

    /**
     * Goes forward.
     *
     * @param x [B,T,D] what enters the block
     * @param everyChunks how many chunks to compute anew at a time; 0 to keep everything
     */
    BlockPass(Torch torch, NDList parameters, Inputs inputs, NDArray x, int everyChunks) {
        this.torch = torch;
        this.parameters = parameters;
        this.inputs = inputs;
        stepTokens = everyChunks == 0 ? 0 : Math.multiplyExact(everyChunks, inputs.chunkTokens());
        in = Torch.leaf(x);
        out = stepTokens == 0 ? kept() : toBeComputedAnew();
    }

    /** What leaves the block, [B,T,D]. */
    NDArray output() {
        return out.stopGradient();
    }

    private NDArray kept() {
        return Torch.recording(() -> call("block", in, 0, inputs.tokens(), new NDList()))
                .get(0);
    }

    private NDArray toBeComputedAnew() {
        NDList parts = new NDList();
        NDList state = new NDList();
        for (int from = 0; from < inputs.tokens(); from += stepTokens) {
            states.add(state);
            NDList result = span(part(in, from), from, state);
            parts.add(result.remove(0));
            state = result;
        }
        return joined(parts);
    }

    private static NDArray joined(NDList parts) {
        NDArray whole = NDArrays.concat(parts, 1);
        parts.close();
        return whole;
    }

    /** Adds to the gradients of the parameters; from the gradient of the output to that of the input. */
    NDArray backward(NDArray gradient) {
        if (stepTokens == 0) {
            Torch.backward(out, gradient);
            return in.getGradient();
        }
        NDList parts = new NDList();
        NDList ofState = new NDList();
        for (int i = states.size() - 1; i >= 0; i--) {
            NDList gradients = spanBackward(i, part(gradient, i * stepTokens), ofState);
            states.get(i).close();
            parts.add(0, gradients.remove(0));
            ofState.close();
            ofState = gradients;
        }
        return joined(parts);
    }

    /** Gradients of a span's input and, where they have elements, of the parts of the state that enters it. */
    private NDList spanBackward(int index, NDArray gradient, NDList ofState) {
        NDList leaves = new NDList();
        NDList gradients = new NDList();
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            int from = index * stepTokens;
            leaves.add(Torch.leaf(part(in, from)));
            states.get(index).forEach(before -> leaves.add(Torch.leaf(before)));
            NDArray product = Torch.recording(() -> {
                NDList result = filled(span(leaves.get(0), from, leaves.subNDList(1)));
                // the state that leaves the last span is nobody's
                NDList arguments = Torch.named("a", result.subList(0, 1 + ofState.size()));
                arguments.addAll(Torch.named("b", List.of(gradient)));
                arguments.addAll(Torch.named("b", ofState));
                return torch.call("inner_product", arguments).get(0);
            });
            Torch.backward(product, product.onesLike());
            filled(leaves).forEach(leaf -> gradients.add(leaf.getGradient()));
            gradients.forEach(NDScope::unregister);
        }
        gradients.forEach(NDScope::register);
        return gradients;
    }

    private NDArray part(NDArray x, int from) {
        int to = Math.min(from + stepTokens, inputs.tokens());
        return x.get(":, " + from + ":" + to);
    }

    /** The output of a span, then the state that leaves it. */
    private NDList span(NDArray x, int from, NDList state) {
        int to = Math.min(from + stepTokens, inputs.tokens());
        return call(from == 0 ? "begin_block" : "continue_block", x, from, to, state);
    }

    private NDList call(String method, NDArray x, int from, int to, NDList state) {
        NDList arguments = new NDList(x);
        arguments.addAll(inputs.span(from, to));
        arguments.addAll(Torch.named("state", state));
        arguments.addAll(parameters);
        return torch.call(method, arguments);
    }

    private static NDList filled(NDList arrays) {
        return new NDList(
                arrays.stream().filter(array -> array.getShape().size() > 0).toList());
    }
}
