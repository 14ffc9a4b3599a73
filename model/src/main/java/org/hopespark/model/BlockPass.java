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
 * <p>What backward needs is either kept, or recomputed, a few chunks at a time, from the block's input and the state
 * that entered those chunks: then one block's graph of a few chunks is all that is ever recorded, whatever the length
 * of the sequence, at the price of another forward pass.
 */
final class BlockPass {
    private final Torch torch;
    private final Block block;
    private final Inputs inputs;
    private final List<Span> spans;
    private final List<NDList> states = new ArrayList<>();
    private final NDArray in;
    private final NDArray out;

    /**
     * Goes forward.
     *
     * @param x [B,T,D] what enters the block
     * @param spans what to recompute at a time, in order; none to keep everything
     */
    BlockPass(Torch torch, Block block, Inputs inputs, NDArray x, List<Span> spans) {
        this.torch = torch;
        this.block = block;
        this.inputs = inputs;
        this.spans = spans;
        in = Torch.leaf(x);
        out = spans.isEmpty() ? kept() : toBeComputedAnew();
    }

    /** What leaves the block, [B,T,D]. */
    NDArray output() {
        return out.stopGradient();
    }

    private NDArray kept() {
        Span all = new Span(0, inputs.tokens(), FastWeights.NONE);
        return Torch.recording(() -> call(block.whole(), in, all, new NDList())).get(0);
    }

    private NDArray toBeComputedAnew() {
        NDList parts = new NDList();
        NDList state = new NDList();
        for (Span span : spans) {
            states.add(state);
            NDList result = callInScope(span, state);
            parts.add(result.remove(0));
            state = result;
        }
        return joined(parts);
    }

    /** Nothing but the results outlives the call, above all no copy of parameters. */
    private NDList callInScope(Span span, NDList state) {
        NDList result;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            result = call(block.method(span.from() == 0), part(in, span), span, state);
            result.forEach(NDScope::unregister);
        }
        result.forEach(NDScope::register);
        return result;
    }

    private static NDArray joined(NDList parts) {
        NDArray whole = NDArrays.concat(parts, 1);
        parts.close();
        return whole;
    }

    /** Adds to the gradients of the parameters; from the gradient of the output to that of the input. */
    NDArray backward(NDArray gradient) {
        if (spans.isEmpty()) {
            Torch.backward(out, gradient);
            return in.getGradient();
        }
        NDList parts = new NDList();
        NDList ofState = new NDList();
        for (int i = states.size() - 1; i >= 0; i--) {
            NDList gradients = spanBackward(i, part(gradient, spans.get(i)), ofState);
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
            Span span = spans.get(index);
            leaves.add(Torch.leaf(part(in, span)));
            states.get(index).forEach(before -> leaves.add(Torch.leaf(before)));
            NDArray product = Torch.recording(() -> {
                NDList result = filled(call(block.method(span.from() == 0), leaves.get(0), span, leaves.subNDList(1)));
                // the state that leaves the last span is nobody's
                NDList arguments = Torch.named("a", result.subList(0, 1 + ofState.size()));
                arguments.addAll(Torch.named("b", List.of(gradient)));
                arguments.addAll(Torch.named("b", ofState));
                return torch.call("inner_product", arguments).get(0);
            });
            Torch.backward(product, product.onesLike());
            filled(leaves).forEach(leaf -> gradients.add(Torch.gradient(leaf)));
            gradients.forEach(NDScope::unregister);
        }
        gradients.forEach(NDScope::register);
        return gradients;
    }

    private static NDArray part(NDArray x, Span span) {
        return x.get(":, " + span.from() + ":" + span.to());
    }

    /** The output of a span, then, unless the whole is kept, the state that leaves it. */
    private NDList call(String method, NDArray x, Span span, NDList state) {
        NDList arguments = new NDList(x);
        arguments.addAll(inputs.span(span.from(), span.to()));
        arguments.addAll(Torch.named("state", state));
        arguments.addAll(span.weights().of(torch, block.parameters()));
        return torch.call(method, arguments);
    }

    private static NDList filled(NDList arrays) {
        return new NDList(
                arrays.stream().filter(array -> array.getShape().size() > 0).toList());
    }
}
