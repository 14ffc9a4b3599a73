package org.hopespark.model.health;

import java.util.List;
import java.util.Optional;
import org.hopespark.model.InnerStatistics;
import org.hopespark.model.TokenBatch;

/**
 * What was measured.
 *
 * @param document on which the memories were watched
 * @param blocks their inner learning there; empty without memories
 * @param gradients of the mean loss over documents of growing length, the shortest first
 * @param withoutGradient tensors whose gradient over the shortest of them is exactly zero
 * @param leak largest change of a log-probability when a token after it changes, in nats
 * @param trained what only a trained model has
 */
public record Health(
        TokenBatch.Sequence document,
        List<InnerStatistics> blocks,
        List<Gradient> gradients,
        List<String> withoutGradient,
        double leak,
        Optional<Trained> trained) {
    public Health {
        blocks = List.copyOf(blocks);
        gradients = List.copyOf(gradients);
        withoutGradient = List.copyOf(withoutGradient);
    }

    /**
     * The outer gradient over one document.
     *
     * @param tokens of the document
     * @param norms by level
     * @param largest tensor with the largest norm
     */
    public record Gradient(int tokens, List<Double> norms, String largest) {
        public Gradient {
            norms = List.copyOf(norms);
        }
    }

    /**
     * What training has made.
     *
     * @param step after which
     * @param bitsPerByte on held-out text
     * @param bitsPerByteWithoutWrites with the same parameters and memories that are never written; NaN without
     *     memories
     * @param levels in their order
     * @param unmoved tensors that are exactly as they began although their level has been updated
     */
    public record Trained(
            long step,
            double bitsPerByte,
            double bitsPerByteWithoutWrites,
            List<LevelHealth> levels,
            List<String> unmoved) {
        public Trained {
            levels = List.copyOf(levels);
            unmoved = List.copyOf(unmoved);
        }
    }

    /**
     * A level with all its parts.
     *
     * @param index from 1
     * @param boundaries that it has passed
     * @param drift distance of its parameters from where they began, relative to their norm there
     * @param bitsPerByteFrozen with its parameters as they began
     */
    public record LevelHealth(int index, long boundaries, double drift, double bitsPerByteFrozen) {}

    /**
     * Mean share of what a head reads that writes have made, over the chunks that end in {@code from + 1} to
     * {@code to}.
     */
    public double writtenShare(int block, int head, int from, int to) {
        return blocks.get(block).chunks().stream()
                .filter(chunk -> chunk.end() > from && chunk.end() <= to)
                .mapToDouble(chunk -> chunk.heads().get(head).writtenShare())
                .average()
                .orElse(Double.NaN);
    }

    /** Mean share of a head's errors that the cap has cut. */
    public double cappedShare(int block, int head) {
        return blocks.get(block).chunks().stream()
                .mapToDouble(chunk -> chunk.heads().get(head).cappedShare())
                .average()
                .orElse(Double.NaN);
    }

    /** Norm of each memory of a head after {@code tokens}, relative to its start. */
    public List<Double> stateNorm(int block, int head, int tokens) {
        return blocks.get(block).chunks().stream()
                .filter(chunk -> chunk.end() >= tokens)
                .findFirst()
                .map(chunk -> chunk.heads().get(head).stateNorm())
                .orElse(List.of());
    }
}
