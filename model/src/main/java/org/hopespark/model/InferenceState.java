package org.hopespark.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * What the tokens of a sequence leave behind for those that follow: in every block the memories of self-modifying
 * Titans and the tokens of the open chunk, of constant size; or the keys and values of attention, which grow with the
 * sequence. Belongs to the network that made it, and to its thread.
 */
public final class InferenceState implements AutoCloseable {
    private static final String TOKENS = "tokens";

    private final NDManager manager;
    private List<NDList> blocks = List.of();
    private long tokens;

    InferenceState(NDManager manager) {
        this.manager = manager;
    }

    /** Tokens seen so far. */
    public long tokens() {
        return tokens;
    }

    /** Numbers held, of whatever type. */
    public long elements() {
        return blocks.stream()
                .flatMap(List::stream)
                .mapToLong(array -> array.getShape().size())
                .sum();
    }

    /** The state of each block; empty before the first token. */
    List<NDList> blocks() {
        return blocks;
    }

    /** Takes over what {@code count} more tokens have left. */
    void advance(List<NDList> next, long count) {
        next.forEach(block -> block.forEach(array -> array.attach(manager)));
        blocks.forEach(NDList::close);
        blocks = next;
        tokens += count;
    }

    /** Writes the state, so that {@link Network#resume} can go on from it. */
    public void save(OutputStream out) throws IOException {
        NDList all = new NDList();
        try (NDManager scratch = manager.newSubManager()) {
            NDArray header = scratch.create(new long[] {tokens, blocks.size()}, new Shape(2));
            header.setName(TOKENS);
            all.add(header);
            for (int i = 0; i < blocks.size(); i++) {
                for (NDArray array : blocks.get(i)) {
                    array.setName("block." + i);
                    all.add(array);
                }
            }
            out.write(all.encode());
        }
    }

    void load(InputStream in) throws IOException {
        NDList all;
        try {
            all = NDList.decode(manager, in.readAllBytes());
        } catch (IllegalArgumentException e) {
            throw new IOException("this is no saved state of a sequence", e);
        }
        if (all.isEmpty() || !TOKENS.equals(all.get(0).getName())) {
            throw new IOException("this is no saved state of a sequence");
        }
        long[] header = all.get(0).toLongArray();
        List<NDList> next = new ArrayList<>();
        for (int i = 0; i < header[1]; i++) {
            String name = "block." + i;
            next.add(new NDList(
                    all.stream().filter(array -> name.equals(array.getName())).toList()));
        }
        advance(next, header[0]);
    }

    @Override
    public void close() {
        manager.close();
    }
}
