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
    private final Map<String, Slot> slots = new LinkedHashMap<>();
    private final List<Optimizer.Piece> pieces = new ArrayList<>();

    /**
     * A slot of all pieces.
     *
     * @param vector no longer than what this worker updates needs
     * @param places of the pieces in it
     * @param views one of each piece
     */
    private record Slot(FlatTensor vector, List<Bucket.Range> places, List<NDArray> views) {}

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
        ElementType type = parameters.buffer().type();
        for (String slot : optimizer.slots()) {
            slots.put(
                    slot,
                    slot(
                            torch,
                            type,
                            parts.stream()
                                    .map(part -> shape(slot, part.shape()))
                                    .toList()));
        }
        if (summed) {
            slots.put(
                    UPDATES,
                    slot(
                            torch,
                            type,
                            parts.stream().map(LevelLayout.Part::shape).toList()));
        }
        for (int i = 0; i < parts.size(); i++) {
            LevelLayout.Part part = parts.get(i);
            Map<String, NDArray> views = new HashMap<>();
            int index = i;
            slots.forEach((name, slot) -> views.put(name, slot.views().get(index)));
            NDArray own = view(parameters, part);
            pieces.add(new Optimizer.Piece(
                    part.range(),
                    part.decays(),
                    own,
                    summed ? requireNonNull(views.get(UPDATES)) : own,
                    view(gradient, part),
                    views));
        }
    }

    private static Slot slot(Torch torch, ElementType type, List<List<Long>> shapes) {
        List<Bucket.Range> places = new ArrayList<>();
        long end = 0;
        for (List<Long> shape : shapes) {
            long elements = shape.stream().reduce(1L, Math::multiplyExact);
            places.add(new Bucket.Range(end, end + elements));
            end += LevelLayout.aligned(elements);
        }
        // the engine has no empty views
        FlatTensor vector = new FlatTensor(torch, type, Math.max(LevelLayout.ALIGNMENT, end));
        List<NDArray> views = new ArrayList<>();
        for (int i = 0; i < shapes.size(); i++) {
            Bucket.Range place = places.get(i);
            views.add(
                    place.elements() == 0
                            ? torch.zeros(type, 0, 0)
                            : vector.view(place.from(), place.to(), shapes.get(i)));
        }
        return new Slot(vector, places, views);
    }

    private static NDArray view(FlatTensor vector, LevelLayout.Part part) {
        return vector.view(part.range().from(), part.range().to(), part.shape());
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

    /** Shape of a parameter's slot; an axis of length 0 for no slot. */
    List<Long> shape(String slot, List<Long> parameter) {
        return slot.equals(UPDATES) ? parameter : optimizer.slotShape(slot, parameter);
    }

    /** Vectors of all slots. */
    List<FlatTensor> vectors() {
        return slots.values().stream().map(Slot::vector).toList();
    }

    /** Sum of the updates since the last boundary. */
    FlatTensor updates() {
        return requireNonNull(slots.get(UPDATES)).vector();
    }

    /**
     * What a slot holds of a range of the level's vector, all of it for a whole matrix; nothing where this worker does
     * not update it.
     */
    FlatBuffer held(String name, Bucket.Range range) {
        Slot slot = requireNonNull(slots.get(name));
        for (int i = 0; i < pieces.size(); i++) {
            Bucket.Range piece = pieces.get(i).range();
            if (range.elements() > 0 && piece.and(range).equals(range)) {
                Bucket.Range place = slot.places().get(i);
                if (range.equals(piece)) {
                    return slot.vector().buffer().range(place.from(), place.to());
                }
                long from = place.from() + range.from() - piece.from();
                return slot.vector().buffer().range(from, from + range.elements());
            }
        }
        return slot.vector().buffer().range(0, 0);
    }
}
