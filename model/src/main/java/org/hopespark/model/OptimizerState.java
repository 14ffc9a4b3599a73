package org.hopespark.model;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one optimizer keeps of what this worker updates of a level: its slots and, if so, the sum of its updates. */
final class OptimizerState {
    /** The slot of updates that wait for the boundary where they are summed. */
    private static final String UPDATES = "update";

    private final Optimizer optimizer;
    private final Map<String, FlatTensor> slots = new LinkedHashMap<>();
    private final List<Optimizer.Piece> pieces = new ArrayList<>();

    /**
     * Slots of zeros.
     *
     * @param summed whether updates are summed until the boundary
     */
    OptimizerState(
            Torch torch,
            Optimizer optimizer,
            LevelLayout layout,
            FlatTensor parameters,
            FlatTensor gradient,
            boolean summed) {
        this.optimizer = optimizer;
        List<LevelLayout.Part> parts = layout.parts(optimizer);
        // the engine has no empty views
        long held = Math.max(
                LevelLayout.ALIGNMENT,
                parts.stream().mapToLong(part -> part.range().elements()).sum());
        ElementType type = parameters.buffer().type();
        optimizer.slots().forEach(slot -> slots.put(slot, new FlatTensor(torch, type, held)));
        if (summed) {
            slots.put(UPDATES, new FlatTensor(torch, type, held));
        }
        long first = 0;
        for (LevelLayout.Part part : parts) {
            Bucket.Range place = new Bucket.Range(first, first + part.range().elements());
            Map<String, NDArray> views = new HashMap<>();
            slots.forEach((slot, vector) -> views.put(slot, view(vector, place, part)));
            NDArray own = view(parameters, part.range(), part);
            pieces.add(new Optimizer.Piece(
                    part.range(),
                    first,
                    part.decays(),
                    own,
                    summed ? requireNonNull(views.get(UPDATES)) : own,
                    view(gradient, part.range(), part),
                    views));
            first = place.to();
        }
    }

    private static NDArray view(FlatTensor vector, Bucket.Range range, LevelLayout.Part part) {
        return vector.view(range.from(), range.to(), part.shape());
    }

    Optimizer optimizer() {
        return optimizer;
    }

    /** What this worker updates. */
    List<Optimizer.Piece> pieces() {
        return pieces;
    }

    /** The slots by name, as checkpoints have them. */
    Collection<String> slots() {
        return slots.keySet();
    }

    /** Vectors of all slots. */
    Collection<FlatTensor> vectors() {
        return slots.values();
    }

    /** Sum of the updates since the last boundary. */
    FlatTensor updates() {
        return requireNonNull(slots.get(UPDATES));
    }

    /** What a slot holds of a range of the level's vector; nothing where this worker does not update it. */
    FlatBuffer held(String slot, Bucket.Range range) {
        FlatBuffer vector = requireNonNull(slots.get(slot)).buffer();
        for (Optimizer.Piece piece : pieces) {
            if (range.elements() > 0 && piece.range().and(range).equals(range)) {
                long from = piece.first() + range.from() - piece.range().from();
                return vector.range(from, from + range.elements());
            }
        }
        return vector.range(0, 0);
    }
}
