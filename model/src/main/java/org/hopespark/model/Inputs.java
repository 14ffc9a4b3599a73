package org.hopespark.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.hopespark.conf.ModelConfig;

/**
 * A batch as the scripts take it.
 *
 * @param ids [B,T]
 * @param targets [B*T], negative where a token has none
 * @param position [B,T] tokens since the document's start
 * @param keep [N,B,1,1] false where a document starts with a chunk
 * @param resets [N] whether any sequence's document starts with the chunk; in host memory, where it decides which way
 *     the scripts go
 * @param chunkTokens tokens of each of the N chunks
 */
record Inputs(NDArray ids, NDArray targets, NDArray position, NDArray keep, NDArray resets, int chunkTokens) {

    /** The next tokens of one sequence, which begins no document but at its first token. */
    static Inputs following(NDManager manager, ModelConfig model, int[] tokens, long seen) {
        return following(manager, model, List.of(tokens), seen);
    }

    /** The same of sequences that are equally long before and here. */
    static Inputs following(NDManager manager, ModelConfig model, List<int[]> sequences, long seen) {
        Shape shape = new Shape(sequences.size(), sequences.get(0).length);
        return following(
                manager,
                model,
                manager.create(
                        sequences.stream()
                                .flatMapToInt(Arrays::stream)
                                .asLongStream()
                                .toArray(),
                        shape),
                seen);
    }

    /** The same of ids [B,T]. Where they are read in spans, the first one begins a chunk. */
    static Inputs following(NDManager manager, ModelConfig model, NDArray ids, long seen) {
        int sequences = (int) ids.getShape().get(0);
        int tokens = (int) ids.getShape().get(1);
        int chunks = tokens / model.chunkTokens() + 2;
        boolean[] allKeep = new boolean[chunks * sequences];
        Arrays.fill(allKeep, true);
        long[] positions = new long[sequences * tokens];
        Arrays.setAll(positions, i -> seen + i % tokens);
        return new Inputs(
                ids,
                ids,
                manager.create(positions, ids.getShape()),
                manager.create(allKeep, new Shape(chunks, sequences, 1, 1)),
                host(manager, new long[chunks]),
                chunkTokens(model, tokens));
    }

    static Inputs of(NDManager manager, ModelConfig model, TokenBatch batch) {
        int sequences = batch.sequences().size();
        int tokens = batch.tokens();
        boolean reset = model.documents() == ModelConfig.Documents.RESET;
        int chunk = chunkTokens(model, tokens);
        int align = model.alignTokens();
        int chunks = (tokens + chunk - 1) / chunk;
        long[] ids = new long[sequences * tokens];
        long[] targets = new long[sequences * tokens];
        long[] positions = new long[sequences * tokens];
        boolean[] keep = new boolean[chunks * sequences];
        long[] resets = new long[chunks];
        Arrays.fill(keep, true);
        for (int b = 0; b < sequences; b++) {
            TokenBatch.Sequence sequence = batch.sequences().get(b);
            System.arraycopy(sequence.inputs(), 0, ids, b * tokens, tokens);
            System.arraycopy(sequence.targets(), 0, targets, b * tokens, tokens);
            System.arraycopy(sequence.positions(), 0, positions, b * tokens, tokens);
            for (int start : sequence.starts()) {
                if (reset && start % align != 0) {
                    throw new IllegalArgumentException("document start " + start + " is not at a chunk of " + chunk
                            + " tokens: align documents when preparing, or use documents: carry");
                }
                if (reset && start > 0) {
                    keep[start / chunk * sequences + b] = false;
                    resets[start / chunk] = 1;
                }
            }
        }
        return new Inputs(
                manager.create(ids, new Shape(sequences, tokens)),
                manager.create(targets),
                manager.create(positions, new Shape(sequences, tokens)),
                manager.create(keep, new Shape(chunks, sequences, 1, 1)),
                host(manager, resets),
                chunk);
    }

    /** Where documents start anywhere, mixers ask only whether any of them starts inside a sequence. */
    private static int chunkTokens(ModelConfig model, int tokens) {
        return model.hasChunks() ? model.alignTokens() : tokens;
    }

    int tokens() {
        return (int) ids.getShape().get(1);
    }

    /**
     * What a block takes besides x, for tokens {@code from} to {@code to}; {@code from} begins a chunk, or its chunk is
     * open in the state.
     */
    NDList span(int from, int to) {
        if (from == 0 && to == tokens()) {
            return new NDList(position, keep, resets);
        }
        String chunks = from / chunkTokens + ":" + (to + chunkTokens - 1) / chunkTokens;
        return new NDList(position.get(":, " + from + ":" + to), keep.get(chunks), resets.get(chunks));
    }

    private static NDArray host(NDManager manager, long[] values) {
        try (NDManager host = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray array = host.create(values);
            array.attach(manager);
            return array;
        }
    }
}
