package org.hopespark.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A vector in the engine's memory that Java and other workers see as a {@link FlatBuffer}.
 *
 * <p>On a CPU both are the same memory. On a GPU the buffer is a copy in host memory: {@link #pull} refreshes it,
 * {@link #push} writes it back.
 */
final class FlatTensor {
    private static final long SLICE_BYTES = 1L << 30;

    private final NDArray tensor;
    private final NDArray host;
    private final FlatBuffer buffer;

    /**
     * A vector of zeros; also where it has no elements, because the engine has no empty views.
     *
     * @param elements length
     */
    FlatTensor(Torch torch, ElementType type, long elements) {
        tensor = torch.zeros(type, elements);
        boolean onHost = torch.manager().getDevice().isGpu();
        host = onHost ? torch.manager().zeros(tensor.getShape(), tensor.getDataType(), ai.djl.Device.cpu()) : tensor;
        List<ByteBuffer> slices = new ArrayList<>();
        long step = SLICE_BYTES / type.bytes();
        for (long from = 0; from < elements; from += step) {
            NDArray slice = host.get(new NDIndex(from + ":" + Math.min(elements, from + step)));
            slices.add(slice.toByteBuffer(true));
        }
        buffer = new FlatBuffer(type, slices);
    }

    NDArray tensor() {
        return tensor;
    }

    FlatBuffer buffer() {
        return buffer;
    }

    /** Elements {@code from} to {@code to} in a shape, sharing this vector's memory; owned by the engine's manager. */
    NDArray view(long from, long to, List<Long> shape) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray view = tensor.get(new NDIndex(from + ":" + to))
                    .reshape(shape.stream().mapToLong(Long::longValue).toArray());
            NDScope.unregister(view);
            return view;
        }
    }

    void pull() {
        if (host != tensor) {
            tensor.copyTo(host);
        }
    }

    void push() {
        if (host != tensor) {
            host.copyTo(tensor);
        }
    }

    /** Refreshes elements {@code from} to {@code to} of the buffer. */
    void pull(long from, long to) {
        copy(tensor, host, from, to);
    }

    /** Writes elements {@code from} to {@code to} of the buffer back. */
    void push(long from, long to) {
        copy(host, tensor, from, to);
    }

    private void copy(NDArray source, NDArray target, long from, long to) {
        if (host != tensor && from < to) {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                NDIndex range = new NDIndex(from + ":" + to);
                source.get(range).copyTo(target.get(range));
            }
        }
    }
}
