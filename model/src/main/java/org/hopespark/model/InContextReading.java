package org.hopespark.model;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.hopespark.model.InContext.Initial;
import org.hopespark.model.InContext.Matrix;

/**
 * How the last blocks read tokens while the sequences learn: {@link InContext}. Tokens are counted from the start of
 * the window that is open in the beginning.
 */
final class InContextReading {
    private final Torch torch;
    private final InContext inContext;
    private final Inputs inputs;
    private final long[][] positions;
    private final NDArray x;
    private final NDManager manager;
    private final List<Block> blocks;
    private final NDArray norm;
    private final NDArray head;
    private final boolean keepSpans;
    private final int begin;
    private final List<NDArray> shifts;
    private final List<NDArray> sums;
    private final NavigableMap<Integer, List<NDList>> mixers = new TreeMap<>();
    private final Set<NDArray> given = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<List<Span>> spans = new ArrayList<>();

    /**
     * Tokens to be read together.
     *
     * @param x [B,T,D]
     * @param span what a block takes besides
     * @param mixers states before the tokens
     * @param copies shifts [B,D,E]
     */
    private record Piece(NDArray x, NDList span, List<NDList> mixers, List<NDArray> copies) {

        /** The same tokens of some sequences. */
        Piece of(Torch torch, NDArray sequences, Inputs inputs) {
            List<NDArray> all = new ArrayList<>(List.of(x, span.get(0)));
            all.addAll(copies);
            mixers.forEach(all::addAll);
            NDList chosen = choose(torch, all, sequences, inputs);
            int from = 2 + copies.size();
            List<NDList> states = new ArrayList<>();
            for (NDList state : mixers) {
                states.add(new NDList(chosen.subList(from, from + state.size())));
                from += state.size();
            }
            NDArray keep = torch.call("keep_of", span.get(1), sequences).get(0);
            return new Piece(
                    chosen.get(0),
                    new NDList(chosen.get(1), keep, span.get(2)),
                    states,
                    chosen.subList(2, 2 + copies.size()));
        }
    }

    /**
     * Tokens that were read together.
     *
     * @param output [B,T,D] of the last block
     * @param mixers states behind the tokens
     * @param gradients of the summed loss of the ids that follow in the copies; none if they were not taken
     */
    private record Pass(NDArray output, List<NDList> mixers, List<NDArray> gradients) {
        Stream<NDArray> arrays() {
            return Stream.concat(
                    Stream.concat(Stream.of(output), gradients.stream()),
                    mixers.stream().flatMap(List::stream));
        }
    }

    /**
     * Prepares to read.
     *
     * @param inputs of the tokens of the open window, then those to read
     * @param positions of these tokens since the document's start, for each sequence
     * @param x [B,T,D] what enters the first block, of the same tokens
     * @param before what the sequences carry on
     * @param now states of the mixers behind the open window
     * @param keepSpans for a backward pass
     */
    InContextReading(
            Torch torch,
            InContext inContext,
            Inputs inputs,
            long[][] positions,
            NDArray x,
            InContextState before,
            List<NDList> now,
            boolean keepSpans) {
        this.torch = torch;
        this.inContext = inContext;
        this.inputs = inputs;
        this.positions = positions;
        this.x = x.stopGradient();
        this.manager = x.getManager();
        this.blocks = inContext.blocks().stream()
                .map(block -> new Block(block.name(), withoutGradient(block.parameters())))
                .toList();
        this.norm = inContext.norm().stopGradient();
        this.head = inContext.head().stopGradient();
        this.keepSpans = keepSpans;
        begin = (int) before.openTokens();
        shifts = new ArrayList<>(before.shifts());
        sums = new ArrayList<>(before.sums());
        mixers.put(0, before.mixers());
        mixers.put(begin, now);
        if (begin > 0) {
            before.lists().forEach(given::addAll);
            now.forEach(given::addAll);
        }
        blocks.forEach(block -> spans.add(new ArrayList<>()));
    }

    /** Output of the last block for the tokens behind the open window. */
    NDArray read() {
        if (begin > 0 && isAnyDue(begin)) {
            learnAgain(begin);
            stepAll(begin);
        }
        NDList outputs = new NDList();
        List<Integer> cuts = cuts();
        for (int i = 0; i + 1 < cuts.size(); i++) {
            int from = cuts.get(i);
            int to = cuts.get(i + 1);
            forgetWhatEndedAt(from);
            outputs.add(span(from, to));
            if (isAnyDue(to)) {
                if (from > windowStart(to)) {
                    learnAgain(to);
                }
                stepAll(to);
            }
            dropMixersBefore(windowStart(to));
        }
        return NDArrays.concat(outputs, 1);
    }

    /** For each of the last blocks, what its weights were. */
    List<List<Span>> spans() {
        return spans;
    }

    /** States of the mixers behind the last token. */
    List<NDList> mixers() {
        return mixers.lastEntry().getValue();
    }

    /** What the sequences carry on; they are equally long. */
    InContextState after() {
        int tokens = inputs.tokens();
        int open = (int) (positions[0][tokens - 1] % inContext.windowTokens()) + 1;
        NDArray from = manager.create(new long[] {tokens - open});
        NDList window =
                torch.call("tail", Torch.named("x", List.of(x, inputs.ids().stopGradient()), from));
        return new InContextState(new NDList(shifts), new NDList(sums), window, mixersAt(tokens - open));
    }

    /** Where any sequence begins a document or a window, both ends included. */
    private List<Integer> cuts() {
        TreeSet<Integer> cuts = new TreeSet<>(List.of(begin, inputs.tokens()));
        for (long[] position : positions) {
            for (int t = begin + 1; t < position.length; t++) {
                if (position[t] % inContext.windowTokens() == 0) {
                    cuts.add(t);
                }
            }
        }
        return List.copyOf(cuts);
    }

    private List<NDList> mixersAt(int token) {
        return requireNonNull(mixers.get(token), () -> "no states of the mixers at token " + token);
    }

    private int windowStart(int end) {
        return end - inContext.windowTokens();
    }

    /**
     * Whether a window of so many tokens closes before {@code token}. The last label of the window is that token, which
     * must be known and belong to the same document.
     */
    private boolean isDue(int sequence, int period, int token) {
        long[] position = positions[sequence];
        return token < position.length && position[token] > 0 && position[token] % period == 0;
    }

    private boolean isAnyDue(int token) {
        return IntStream.range(0, positions.length).anyMatch(b -> isDue(b, inContext.windowTokens(), token));
    }

    private void forgetWhatEndedAt(int token) {
        double[] kept = ofEach(b -> positions[b][token] > 0);
        if (token == begin || Arrays.stream(kept).allMatch(k -> k == 1)) {
            return;
        }
        NDArray mask = perSequence(kept);
        replaceAll(shifts, forget(shifts, mask));
        replaceAll(sums, forget(sums, mask));
    }

    private List<NDArray> forget(List<NDArray> arrays, NDArray kept) {
        NDList arguments = Torch.named("x", arrays);
        arguments.add(kept);
        return torch.call("forget", arguments);
    }

    private void replaceAll(List<NDArray> arrays, List<NDArray> by) {
        for (int i = 0; i < by.size(); i++) {
            replace(arrays, i, by.get(i));
        }
    }

    /** Shifts that a span has are needed in the backward pass. */
    private void replace(List<NDArray> arrays, int index, NDArray by) {
        NDArray before = arrays.set(index, by);
        if (arrays == sums || !keepSpans) {
            closeOwn(before);
        }
    }

    private void dropMixersBefore(int token) {
        NavigableMap<Integer, List<NDList>> old = mixers.headMap(token, false);
        old.values().forEach(states -> states.forEach(state -> state.forEach(this::closeOwn)));
        old.clear();
    }

    private void closeOwn(NDArray array) {
        if (!given.contains(array)) {
            array.close();
        }
    }

    /** Output of the last block for some tokens; adds the gradients of the windows that these are. */
    private NDArray span(int from, int to) {
        boolean learns = from == windowStart(to) && isAnyDue(to);
        Pass pass = inScope(() -> {
            Piece piece = piece(from, to);
            return learns ? learning(piece, labels(from, to)) : pass(piece, piece.copies());
        });
        mixers.put(to, pass.mixers());
        if (learns) {
            long[] due = due(to);
            addGradients(pass.gradients(), due, due);
        }
        for (int i = 0; i < blocks.size(); i++) {
            if (keepSpans) {
                spans.get(i).add(new Span(from, to, weights(i, copies())));
            }
        }
        return pass.output();
    }

    /** Reads the windows that close before {@code to} once more, for the gradients alone. */
    private void learnAgain(int to) {
        long[] due = due(to);
        Pass pass = inScope(() -> {
            NDArray sequences = manager.create(due);
            int from = windowStart(to);
            return learning(
                    piece(from, to).of(torch, sequences, inputs),
                    choose(torch, List.of(labels(from, to)), sequences, inputs).get(0));
        });
        addGradients(pass.gradients(), LongStream.range(0, due.length).toArray(), due);
        pass.arrays().forEach(NDArray::close);
    }

    /** Sequences whose window closes before {@code token}. */
    private long[] due(int token) {
        return LongStream.range(0, positions.length)
                .filter(b -> isDue((int) b, inContext.windowTokens(), token))
                .toArray();
    }

    private Piece piece(int from, int to) {
        return new Piece(x.get(":, " + from + ":" + to), inputs.span(from, to), mixersAt(from), copies());
    }

    /** [B,T] ids that follow the tokens. */
    private NDArray labels(int from, int to) {
        return inputs.ids().get(":, " + (from + 1) + ":" + (to + 1));
    }

    private static NDList choose(Torch torch, List<NDArray> arrays, NDArray sequences, Inputs inputs) {
        // names are set on the views, not on the arrays themselves
        List<NDArray> views = arrays.stream().map(NDArray::stopGradient).toList();
        return torch.call("branch", Torch.named("s", views, sequences, inputs.ids()));
    }

    /** Nothing but the result outlives the call, above all no graph. */
    private static Pass inScope(Supplier<Pass> read) {
        Pass pass;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            pass = read.get();
            pass.arrays().forEach(NDScope::unregister);
        }
        pass.arrays().forEach(NDScope::register);
        return pass;
    }

    private Pass pass(Piece piece, List<NDArray> own) {
        NDArray y = piece.x();
        List<NDList> after = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            NDList state = piece.mixers().get(i);
            NDList arguments = new NDList(y);
            arguments.addAll(piece.span());
            arguments.addAll(Torch.named("state", state));
            arguments.addAll(weights(i, own).of(torch, blocks.get(i).parameters()));
            NDList result = torch.call(blocks.get(i).method(state.isEmpty()), arguments);
            y = result.remove(0);
            after.add(withoutGradient(result));
        }
        return new Pass(y, after, List.of());
    }

    /** The same, with the gradients of the loss of the ids that follow. */
    private Pass learning(Piece piece, NDArray labels) {
        List<NDArray> leaves = piece.copies().stream().map(Torch::leaf).toList();
        Pass pass = Torch.recording(() -> pass(piece, leaves));
        NDArray rows = Torch.recording(
                () -> torch.call("normalise", pass.output(), norm).get(0));
        NDArray noGradient = manager.zeros(new Shape(0), x.getDataType());
        NDArray one = Torch.create(manager, x.getDataType(), new double[] {1}, new Shape());
        NDArray dRows = torch.call("head_loss", rows.stopGradient(), head, labels.reshape(-1), noGradient, one)
                .get(1);
        Torch.backward(rows, dRows);
        return new Pass(
                pass.output().stopGradient(),
                pass.mixers(),
                leaves.stream().map(NDArray::getGradient).toList());
    }

    /** Shifts of the copies, without those of their initial states. */
    private List<NDArray> copies() {
        return shifts.subList(0, inContext.matrices().size());
    }

    private FastWeights weights(int block, List<NDArray> all) {
        List<Integer> places = new ArrayList<>();
        List<NDArray> own = new ArrayList<>();
        for (int i = 0; i < inContext.matrices().size(); i++) {
            Matrix matrix = inContext.matrices().get(i);
            if (matrix.block() == block) {
                places.add(matrix.place());
                own.add(all.get(i));
            }
        }
        return new FastWeights(places, own);
    }

    /**
     * Adds to the sums of some sequences.
     *
     * @param rows of the gradients that count
     * @param sequences that they belong to
     */
    private void addGradients(List<NDArray> gradients, long[] rows, long[] sequences) {
        List<NDArray> all = new ArrayList<>(gradients);
        inContext.initialStates().forEach(initial -> all.add(gradients.get(initial.matrix())));
        NDList arguments = Torch.named("sums", sums);
        arguments.addAll(Torch.named("g", all));
        arguments.add(manager.create(rows));
        arguments.add(manager.create(sequences));
        replaceAll(sums, torch.call("add_rows", arguments));
        gradients.forEach(NDArray::close);
    }

    /** Levels that are due at one token step fastest first, as at the boundaries of training. */
    private void stepAll(int token) {
        inContext.periods().forEach((level, period) -> {
            double[] due = ofEach(b -> isDue(b, period, token));
            if (Arrays.stream(due).anyMatch(d -> d == 1)) {
                step(level, period, due);
                restart(level, due);
            }
        });
    }

    private void step(int level, int period, double[] due) {
        List<Integer> moved = IntStream.range(0, shifts.size())
                .filter(i -> level(i) == level)
                .boxed()
                .toList();
        NDList arguments = Torch.named("shifts", moved.stream().map(shifts::get).toList());
        arguments.addAll(Torch.named("g", moved.stream().map(sums::get).toList()));
        arguments.add(perSequence(Arrays.stream(due).map(d -> d / period).toArray()));
        arguments.add(manager.create(new double[] {
            inContext.config().learningRate(), inContext.config().clipNorm()
        }));
        NDList result = torch.call("in_context_step", arguments);
        for (int i = 0; i < moved.size(); i++) {
            replace(shifts, moved.get(i), result.get(i));
            replace(sums, moved.get(i), result.get(moved.size() + i));
        }
    }

    private int level(int index) {
        int matrices = inContext.matrices().size();
        return index < matrices
                ? inContext.matrices().get(index).level()
                : inContext.initialStates().get(index - matrices).level();
    }

    /** Copies whose initial state a level learns restart from it (Eq. 72). */
    private void restart(int level, double[] due) {
        List<Integer> initials = IntStream.range(0, inContext.initialStates().size())
                .filter(i -> inContext.initialStates().get(i).level() == level)
                .boxed()
                .toList();
        if (initials.isEmpty()) {
            return;
        }
        List<Integer> restarting = initials.stream()
                .map(inContext.initialStates()::get)
                .map(Initial::matrix)
                .toList();
        int matrices = inContext.matrices().size();
        NDList arguments =
                Torch.named("shifts", restarting.stream().map(shifts::get).toList());
        arguments.addAll(Torch.named(
                "initial", initials.stream().map(i -> shifts.get(matrices + i)).toList()));
        arguments.add(perSequence(due));
        NDList result = torch.call("restart", arguments);
        for (int i = 0; i < restarting.size(); i++) {
            replace(shifts, restarting.get(i), result.get(i));
        }
    }

    private double[] ofEach(IntPredicate holds) {
        return IntStream.range(0, positions.length)
                .mapToDouble(b -> holds.test(b) ? 1 : 0)
                .toArray();
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
