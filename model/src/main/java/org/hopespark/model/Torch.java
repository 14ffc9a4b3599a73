package org.hopespark.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.hopespark.conf.UserException;

/**
 * The one door to DJL's PyTorch engine: loads TorchScript, calls its methods, runs backward.
 *
 * <p>DJL's own gradient collector is global to the process, and its operations with Java numbers free memory that
 * autograd still needs; neither is used anywhere. One instance serves one thread: libtorch's gradient mode belongs to a
 * thread.
 */
public final class Torch implements AutoCloseable {
    private static final String LIBTORCH = "2.7.1";
    private static final LongAdder CALLS = new LongAdder();

    private final PtNDManager manager;
    private final PtSymbolBlock module;

    /**
     * Starts the engine on this thread, checks that it computes what it should, and loads a module.
     *
     * @param device where tensors live
     * @param archive a TorchScript archive
     */
    Torch(Device device, byte[] archive) {
        engine();
        JniUtils.setGraphExecutorOptimize(false);
        JniUtils.setGradMode(false);
        manager = (PtNDManager) NDManager.newBaseManager(device, "PyTorch");
        checkKnownAnswer();
        try {
            module = JniUtils.loadModule(manager, new ByteArrayInputStream(archive), false, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Loads libtorch into this process, where nobody has yet.
     *
     * @return GPUs that it can compute on
     * @throws UserException when the settings name one that is not there or does not fit
     * @throws RuntimeException of DJL when it cannot be loaded
     */
    public static int load() {
        return engine().getGpuCount();
    }

    private static Engine engine() {
        LibtorchCheck.requireUsable(LIBTORCH);
        Engine engine = Engine.getEngine("PyTorch");
        if (!engine.getVersion().equals(LIBTORCH)) {
            throw new UserException("libtorch " + LIBTORCH + " is needed, found " + engine.getVersion()
                    + ": another version reads tensors wrongly; see PYTORCH_LIBRARY_PATH and PYTORCH_VERSION");
        }
        return engine;
    }

    /** Kernel threads of this process. */
    static void useThreads(int threads) {
        engine(); // loads the library
        JniUtils.setNumThreads(threads);
    }

    NDManager manager() {
        return manager;
    }

    /** A tensor of zeros that lives as long as the engine. */
    NDArray zeros(ElementType type, long... shape) {
        return manager.zeros(new Shape(shape), dataType(type));
    }

    /** Values on the manager's device. */
    static NDArray create(NDManager manager, DataType type, double[] values, Shape shape) {
        if (type == DataType.FLOAT64) {
            return manager.create(values, shape);
        }
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return manager.create(floats, shape);
    }

    static DataType dataType(ElementType type) {
        return switch (type) {
            case FLOAT32 -> DataType.FLOAT32;
            case FLOAT64 -> DataType.FLOAT64;
            case INT8 -> DataType.INT8;
        };
    }

    /** How often this process has called a script or the backward pass. */
    public static long calls() {
        return CALLS.sum();
    }

    /** Calls a method of the module; arguments that are lists carry names that end in {@code []}. */
    NDList call(String method, NDList arguments) {
        CALLS.increment();
        NDList all = new NDList(arguments);
        try (NDArray name = manager.create(0f)) {
            name.setName("module_method:" + method);
            all.add(name);
            return IValueUtils.forward(module, all, true);
        }
    }

    NDList call(String method, NDArray... arguments) {
        return call(method, new NDList(arguments));
    }

    /** Names every array of {@code list} so that the module receives them as one list; {@code more} follow unnamed. */
    static NDList named(String name, List<NDArray> list, NDArray... more) {
        list.forEach(array -> array.setName(name + "[]"));
        NDList result = new NDList(list);
        result.addAll(List.of(more));
        return result;
    }

    /** Runs {@code action} with a recorded graph, for a later {@link #backward}. */
    static <T> T recording(Supplier<T> action) {
        JniUtils.setGradMode(true);
        try {
            return action.get();
        } finally {
            JniUtils.setGradMode(false);
        }
    }

    /** Adds the vector-Jacobian product of {@code y} with {@code dy} to the gradients of the leaves. */
    static void backward(NDArray y, NDArray dy) {
        CALLS.increment();
        JniUtils.backward((PtNDArray) y, (PtNDArray) dy, false, false);
    }

    /** A view of the same memory that starts a graph of its own. */
    static NDArray leaf(NDArray value) {
        NDArray leaf = value.stopGradient();
        leaf.setRequiresGradient(true);
        return leaf;
    }

    /** The gradient of a leaf; zeros where backward has not come by. */
    static NDArray gradient(NDArray leaf) {
        NDArray gradient = leaf.getGradient();
        // DJL's zeros are float32 whatever the leaf is
        return gradient.getDataType() == leaf.getDataType() ? gradient : leaf.zerosLike();
    }

    /**
     * Makes {@code gradient}, a view of a flat buffer, the place in which the gradient of {@code leaf} accumulates: the
     * backward of a view hands the leaf an alias of what it was given, and the leaf keeps it.
     */
    static void adoptGradient(NDArray leaf, NDArray gradient) {
        long elements = leaf.getShape().size();
        Torch.<Boolean>recording(() -> {
            backward(leaf.reshape(1, elements), gradient.reshape(1, elements));
            return true;
        });
    }

    private void checkKnownAnswer() {
        try (NDManager scratch = manager.newSubManager()) {
            NDArray matrix = scratch.create(new float[] {1, 2, 3, 4}, new Shape(2, 2));
            float[] square = matrix.matMul(matrix).toFloatArray();
            if (square[0] != 7 || square[1] != 10 || square[2] != 15 || square[3] != 22) {
                throw new UserException("the PyTorch engine computes wrong results: [1 2; 3 4]^2 gave "
                        + Arrays.toString(square) + "; check that libtorch is version " + LIBTORCH);
            }
        } catch (EngineException e) {
            throw LibtorchCheck.gpuProblem(String.valueOf(e.getMessage()))
                    .<RuntimeException>map(problem -> new UserException(problem, e))
                    .orElse(e);
        }
    }

    @Override
    public void close() {
        module.close();
        manager.close();
    }
}
