package org.hopespark.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * What the tokens of a sequence leave behind for those that follow: in every block the memories of self-modifying
 * Titans and the tokens of the open chunk, of constant size; or the keys and values of attention, which grow with the
 * sequence. Where blocks learn in context, also what they have learned and the open window, of constant size, too.
 * Belongs to the network that made it, and to its thread.
 */
public final class InferenceState implements AutoCloseable {
    private static final String HEADER = "sequence";

    private final NDManager manager;
    private final int listCount;
    private final Map<Integer, Integer> periods;
    private List<NDList> lists = List.of();
    private long tokens;

    /**
     * The state before the first token.
     *
     * @param listCount lists of arrays that the network carries on
     * @param periods in tokens of the levels that learn in context, by level
     */
    InferenceState(NDManager manager, int listCount, Map<Integer, Integer> periods) {
        this.manager = manager;
        this.listCount = listCount;
        this.periods = periods;
    }

    /** Tokens seen so far. */
    public long tokens() {
        return tokens;
    }

    /** Numbers held, of whatever type. */
    public long elements() {
        return lists.stream()
                .flatMap(List::stream)
                .mapToLong(array -> array.getShape().size())
                .sum();
    }

    /** The state of each block, then {@link InContextState#lists}; empty before the first token. */
    List<NDList> lists() {
        return lists;
    }

    /** Takes over what {@code count} more tokens have left, which may have arrays in common with what was here. */
    void advance(List<NDList> next, long count) {
        Set<NDArray> taken = Collections.newSetFromMap(new IdentityHashMap<>());
        next.forEach(taken::addAll);
        taken.forEach(array -> array.attach(manager));
        lists.stream()
                .flatMap(List::stream)
                .filter(array -> !taken.contains(array))
                .forEach(NDArray::close);
        lists = List.copyOf(next);
        tokens += count;
    }

    /** Writes the state, so that {@link Inference#resume} can continue from it. */
    public void save(OutputStream out) throws IOException {
        NDList all = new NDList();
        try (NDManager scratch = manager.newSubManager()) {
            long[] numbers = header();
            NDArray header = scratch.create(numbers, new Shape(numbers.length));
            header.setName(HEADER);
            all.add(header);
            for (int i = 0; i < lists.size(); i++) {
                for (NDArray array : lists.get(i)) {
                    array.setName("list." + i);
                    all.add(array);
                }
            }
            out.write(all.encode());
        }
    }

    /** Tokens, then what a network must have in common with the one that wrote them: lists, level and period each. */
    private long[] header() {
        return LongStream.concat(
                        LongStream.of(tokens, listCount),
                        periods.entrySet().stream().flatMapToLong(e -> LongStream.of(e.getKey(), e.getValue())))
                .toArray();
    }

    void load(InputStream in) throws IOException {
        NDList all;
        try {
            all = NDList.decode(manager, in.readAllBytes());
        } catch (IllegalArgumentException e) {
            throw new IOException("this is no saved state of a sequence", e);
        }
        if (all.isEmpty() || !HEADER.equals(all.get(0).getName())) {
            throw new IOException("this is no saved state of a sequence");
        }
        long[] header = all.get(0).toLongArray();
        requireSameNetwork(header);
        if (header[0] == 0) {
            return;
        }
        List<NDList> next = new ArrayList<>();
        for (int i = 0; i < listCount; i++) {
            String name = "list." + i;
            next.add(new NDList(
                    all.stream().filter(array -> name.equals(array.getName())).toList()));
        }
        advance(next, header[0]);
    }

    private void requireSameNetwork(long[] header) throws IOException {
        long[] own = header();
        long[] itsPeriods = Arrays.copyOfRange(header, 2, header.length);
        long[] ownPeriods = Arrays.copyOfRange(own, 2, own.length);
        if (!Arrays.equals(itsPeriods, ownPeriods)) {
            throw new IOException("the saved state is of a network that " + inContext(itsPeriods)
                    + ", this one " + inContext(ownPeriods)
                    + ": model.in-context and levels.N.in-context-tokens must be those that it was saved with");
        }
        if (header[1] != own[1]) {
            throw new IOException("the saved state has " + header[1] + " lists of arrays, this network has " + own[1]
                    + ": model.blocks and model.in-context.blocks must be those that it was saved with");
        }
    }

    private static String inContext(long... periods) {
        List<String> levels = new ArrayList<>();
        for (int i = 0; i < periods.length; i += 2) {
            levels.add("level " + periods[i] + " every " + periods[i + 1] + " tokens");
        }
        return levels.isEmpty() ? "learns nothing in context" : "learns in context, " + String.join(", ", levels);
    }

    @Override
    public void close() {
        manager.close();
    }
}
