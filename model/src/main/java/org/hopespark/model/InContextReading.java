package org.hopespark.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.hopespark.conf.InContextConfig;
import org.hopespark.conf.ModelConfig;
import org.hopespark.model.InContext.Matrix;
import org.hopespark.model.InContext.Result;

/** How the last blocks read one batch while its sequences learn: {@link InContext}. */
final class InContextReading {
    private final Torch torch;
    private final InContextConfig config;
    private final List<Matrix> matrices;
    private final TokenBatch batch;
    private final Inputs inputs;
    private final NDArray x;
    private final NDManager manager;
    private final List<NDList> blocks;
    private final NDArray norm;
    private final NDArray embedding;
    private final long[][] positions;
    private final List<NDArray> shifts = new ArrayList<>();
    private final List<NDArray> sums = new ArrayList<>();
    private final boolean keepSpans;
    private final Map<Integer, Window> windows = new TreeMap<>();
    private final List<NDList> states = new ArrayList<>();
    private final List<List<Span>> spans = new ArrayList<>();

    /**
     * A level's open windows.
     *
     * @param tokens of a window
     * @param targets that each sequence's window has had so far
     */
    @SuppressWarnings("ArrayRecordComponent") // counters
    private record Window(int tokens, long[] targets) {}

    InContextReading(
            Torch torch,
            ModelConfig model,
            List<Matrix> matrices,
            TokenBatch batch,
            Inputs inputs,
            NDArray x,
            List<NDList> blocks,
            NDArray norm,
            NDArray embedding,
            boolean keepSpans) {
        this.torch = torch;
        this.keepSpans = keepSpans;
        this.config = model.inContext();
        this.matrices = matrices;
        this.batch = batch;
        this.inputs = inputs;
        this.x = x;
        this.manager = x.getManager();
        this.blocks = blocks.stream().map(InContextReading::withoutGradient).toList();
        this.norm = norm.stopGradient();
        this.embedding = embedding.stopGradient();
        boolean reset = model.documents() == ModelConfig.Documents.RESET;
        positions = batch.sequences().stream()
                .map(row -> reset
                        ? row.positions()
                        : LongStream.range(0, batch.tokens()).toArray())
                .toArray(long[][]::new);
        for (Matrix matrix : matrices) {
            Shape shape = new Shape(
                    matrix.spec().shape().stream().mapToLong(Long::longValue).toArray());
            Shape perSequence = new Shape(positions.length).addAll(shape);
            shifts.add(torch.manager().zeros(perSequence, x.getDataType()));
            sums.add(torch.manager().zeros(perSequence, x.getDataType()));
            windows.put(matrix.level(), new Window(matrix.periodTokens(), new long[positions.length]));
        }
        blocks.forEach(block -> {
            states.add(new NDList());
            spans.add(new ArrayList<>());
        });
    }

    Result read() {
        NDList outputs = new NDList();
        List<Integer> cuts = cuts();
        for (int i = 0; i + 1 < cuts.size(); i++) {
            int from = cuts.get(i);
            int to = cuts.get(i + 1);
            forgetWhatEndedAt(from);
            outputs.add(span(from, to));
            windows.forEach((level, window) -> step(level, window, to));
        }
        return new Result(NDArrays.concat(outputs, 1), spans);
    }

    /** Where any sequence begins a document or closes a window, both ends of the sequence included. */
    private List<Integer> cuts() {
        int finest = windows.values().iterator().next().tokens; // periods nest
        TreeSet<Integer> cuts = new TreeSet<>(List.of(0, inputs.tokens()));
        for (long[] position : positions) {
            for (int t = 1; t < position.length; t++) {
                if (position[t] % finest == 0) {
                    cuts.add(t);
                }
            }
        }
        return List.copyOf(cuts);
    }

    private void forgetWhatEndedAt(int token) {
        double[] kept = new double[positions.length];
        Arrays.setAll(kept, b -> positions[b][token] == 0 ? 0 : 1);
        if (token == 0 || Arrays.stream(kept).allMatch(k -> k == 1)) {
            return;
        }
        NDArray mask = perSequence(kept);
        List<NDArray> keptShifts = forget(shifts, mask);
        List<NDArray> keptSums = forget(sums, mask);
        for (int i = 0; i < matrices.size(); i++) {
            replace(i, keptShifts.get(i), keptSums.get(i));
        }
        for (Window window : windows.values()) {
            for (int b = 0; b < kept.length; b++) {
                window.targets[b] *= (long) kept[b];
            }
        }
    }

    private List<NDArray> forget(List<NDArray> arrays, NDArray kept) {
        NDList arguments = Torch.named("x", arrays);
        arguments.add(kept);
        return torch.call("forget", arguments);
    }

    /** Shifts that a span has are needed in the backward pass. */
    private void replace(int matrix, NDArray shift, NDArray sum) {
        NDArray before = shifts.set(matrix, shift);
        if (!keepSpans) {
            before.close();
        }
        sums.set(matrix, sum).close();
    }

    /** Output of the last block for some tokens; adds their gradients to those of the open windows. */
    private NDArray span(int from, int to) {
        NDArray output;
        List<NDArray> leaving = new ArrayList<>();
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            List<NDArray> leaves = shifts.stream().map(Torch::leaf).toList();
            NDList results = Torch.recording(() -> throughBlocks(from, to, leaves));
            output = results.get(0).stopGradient();
            if (to < inputs.tokens()) {
                learn(results.get(1), from, to, leaves);
            }
            leaving.add(output);
            states.forEach(leaving::addAll);
            leaving.forEach(NDScope::unregister);
        }
        leaving.forEach(NDScope::register);
        for (int i = 0; i < blocks.size(); i++) {
            if (keepSpans) {
                spans.get(i).add(new Span(from, to, weights(i, shifts)));
            }
        }
        return output;
    }

    /** Output of the last block, and the normalised rows before the head. */
    private NDList throughBlocks(int from, int to, List<NDArray> leaves) {
        NDArray y = x.stopGradient().get(":, " + from + ":" + to);
        for (int i = 0; i < blocks.size(); i++) {
            NDList arguments = new NDList(y);
            arguments.addAll(inputs.span(from, to));
            arguments.addAll(Torch.named("state", states.get(i)));
            arguments.addAll(weights(i, leaves).of(torch, blocks.get(i)));
            NDList result = torch.call(from == 0 ? "begin_block" : "continue_block", arguments);
            y = result.remove(0);
            states.set(i, withoutGradient(result)).close(); // what is recorded holds on to what it needs
        }
        return new NDList(y, torch.call("normalise", y, norm).get(0));
    }

    private FastWeights weights(int block, List<NDArray> all) {
        List<Integer> places = new ArrayList<>();
        List<NDArray> own = new ArrayList<>();
        for (int i = 0; i < matrices.size(); i++) {
            if (matrices.get(i).block() == block) {
                places.add(matrices.get(i).place());
                own.add(all.get(i));
            }
        }
        return new FastWeights(places, own);
    }

    private void learn(NDArray rows, int from, int to, List<NDArray> leaves) {
        NDArray wanted = inputs.targets()
                .reshape(positions.length, inputs.tokens())
                .get(":, " + from + ":" + to)
                .reshape(-1);
        NDArray noGradient = manager.zeros(new Shape(0), x.getDataType());
        NDArray one = Torch.create(manager, x.getDataType(), new double[] {1}, new Shape());
        NDArray dRows = torch.call("head_loss", rows.stopGradient(), embedding, wanted, noGradient, one)
                .get(1);
        Torch.backward(rows, dRows);
        NDList arguments = Torch.named("to", sums);
        arguments.addAll(
                Torch.named("a", leaves.stream().map(NDArray::getGradient).toList()));
        torch.call("add", arguments);
        for (Window window : windows.values()) {
            for (int b = 0; b < positions.length; b++) {
                long[] row = batch.sequences().get(b).targets();
                window.targets[b] +=
                        Arrays.stream(row, from, to).filter(t -> t >= 0).count();
            }
        }
    }

    /** A level's step in the sequences whose window ends before {@code token}. */
    private void step(int level, Window window, int token) {
        long[] counts = window.targets;
        double[] mean = new double[counts.length];
        Arrays.setAll(mean, b -> isDue(b, window.tokens, token) && counts[b] > 0 ? 1.0 / counts[b] : 0);
        if (token == inputs.tokens() || Arrays.stream(mean).allMatch(m -> m == 0)) {
            return;
        }
        List<Integer> due = new ArrayList<>();
        for (int i = 0; i < matrices.size(); i++) {
            if (matrices.get(i).level() == level) {
                due.add(i);
            }
        }
        NDList arguments = Torch.named("shifts", due.stream().map(shifts::get).toList());
        arguments.addAll(Torch.named("g", due.stream().map(sums::get).toList()));
        arguments.add(perSequence(mean));
        arguments.add(manager.create(new double[] {config.learningRate(), config.clipNorm()}));
        NDList result = torch.call("in_context_step", arguments);
        for (int i = 0; i < due.size(); i++) {
            replace(due.get(i), result.get(i), result.get(due.size() + i));
        }
        for (int b = 0; b < counts.length; b++) {
            counts[b] = mean[b] == 0 ? counts[b] : 0;
        }
    }

    private boolean isDue(int sequence, int period, int token) {
        return (positions[sequence][token - 1] + 1) % period == 0;
    }

    private NDArray perSequence(double[] values) {
        return Torch.create(manager, x.getDataType(), values, new Shape(values.length));
    }

    private static NDList withoutGradient(NDList arrays) {
        NDList result = new NDList();
        for (NDArray array : arrays) {
            NDArray detached = array.stopGradient();
            if (array.getName() != null) {
                detached.setName(array.getName());
            }
            result.add(detached);
        }
        return result;
    }
}
