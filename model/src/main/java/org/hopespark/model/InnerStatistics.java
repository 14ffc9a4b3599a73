package org.hopespark.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hopespark.conf.MemoryConfig;

/**
 * How the memories of one block learn inside sequences, by chunk and head; means over the sequences.
 *
 * @param block its number
 * @param chunks in their order
 * @param memories what the memories of a head are for, the main one last
 */
public record InnerStatistics(int block, List<Chunk> chunks, List<String> memories) {

    public InnerStatistics {
        chunks = List.copyOf(chunks);
        memories = List.copyOf(memories);
    }

    /**
     * One chunk of the main memory.
     *
     * @param end tokens of the sequence up to its end
     * @param heads in their order
     */
    public record Chunk(int end, List<Head> heads) {
        public Chunk {
            heads = List.copyOf(heads);
        }
    }

    /**
     * One head in one chunk; means over its tokens.
     *
     * @param alpha retention
     * @param eta inner learning rate
     * @param errorNorm norm of the error that the main memory's writes correct: that of the chunk's beginning after the
     *     cap or, where nothing needs a cap, that of what the memory decays to
     * @param cappedShare share of these errors that the cap has cut
     * @param writtenShare share of what the main memory reads that writes have made
     * @param stateNorm norm of each memory after the chunk, relative to that at its start
     * @param stateDrift distance of each memory from its start after the chunk, relative to the norm there
     */
    public record Head(
            double alpha,
            double eta,
            double errorNorm,
            double cappedShare,
            double writtenShare,
            List<Double> stateNorm,
            List<Double> stateDrift) {

        /** Tokens after which half of what was written is forgotten. */
        public double halfLifeTokens() {
            return halfLife(alpha);
        }
    }

    /** A number of a head. */
    @FunctionalInterface
    public interface Figure {
        double of(Head head);
    }

    /**
     * What {@code watch_block} returns.
     *
     * @param values [chunks, heads, 5 + 2 memories], row-major
     */
    static InnerStatistics of(int block, MemoryConfig memory, int heads, int chunkTokens, double[] values) {
        List<String> names = names(memory);
        int others = names.size() - 1;
        int width = 5 + 2 * names.size();
        List<Chunk> chunks = new ArrayList<>();
        for (int at = 0; at < values.length; at += heads * width) {
            List<Head> row = new ArrayList<>();
            for (int head = 0; head < heads; head++) {
                int from = at + head * width;
                int main = from + 5 + 2 * others;
                List<Double> norms = numbers(values, from + 5, others);
                norms.add(values[main]);
                List<Double> drifts = numbers(values, from + 5 + others, others);
                drifts.add(values[main + 1]);
                row.add(new Head(
                        values[from],
                        values[from + 1],
                        values[from + 2],
                        values[from + 3],
                        values[from + 4],
                        List.copyOf(norms),
                        List.copyOf(drifts)));
            }
            chunks.add(new Chunk(chunkTokens * (chunks.size() + 1), row));
        }
        return new InnerStatistics(block, chunks, names);
    }

    private static List<String> names(MemoryConfig memory) {
        List<String> names = new ArrayList<>();
        if (memory.adaptiveKey()) {
            names.add("key");
        }
        names.add("eta");
        if (memory.retention()) {
            names.add("alpha");
        }
        if (memory.adaptiveValue()) {
            names.add("value");
        }
        if (memory.adaptiveQuery()) {
            names.add("query");
        }
        names.add("main");
        return names;
    }

    private static List<Double> numbers(double[] values, int from, int count) {
        List<Double> result = new ArrayList<>();
        Arrays.stream(values, from, from + count).forEach(result::add);
        return result;
    }

    private static double halfLife(double alpha) {
        return alpha >= 1 ? Double.POSITIVE_INFINITY : Math.log(0.5) / Math.log(alpha);
    }

    /** Number of heads. */
    public int heads() {
        return chunks.get(0).heads().size();
    }

    /** Tokens after which a head has forgotten half of what was written, by its mean retention. */
    public double halfLifeTokens(int head) {
        return halfLife(chunks.stream()
                .mapToDouble(chunk -> chunk.heads().get(head).alpha())
                .average()
                .orElse(Double.NaN));
    }

    /** Mean over all chunks and heads. */
    public double mean(Figure figure) {
        return mean(0, chunks.size(), figure);
    }

    /** Mean over the heads of the chunks {@code from} to {@code to}, the last one excluded. */
    public double mean(int from, int to, Figure figure) {
        return chunks.subList(from, to).stream()
                .flatMap(chunk -> chunk.heads().stream())
                .mapToDouble(figure::of)
                .average()
                .orElse(Double.NaN);
    }

    /**
     * The block in a few numbers.
     *
     * @param alpha retention
     * @param eta inner learning rate
     * @param errorNorm norm of the errors that writes correct
     * @param cappedShare share of the errors that the cap has cut
     * @param writtenShare share of what is read in the last quarter of the sequence that writes have made
     * @param stateNorm norm of the memories at the end of the sequence, relative to that at its start
     * @param stateDrift distance of the memories at the end of the sequence from their start, relative to the norm
     *     there
     */
    public record Summary(
            double alpha,
            double eta,
            double errorNorm,
            double cappedShare,
            double writtenShare,
            double stateNorm,
            double stateDrift) {}

    /** Means over all heads, memories and, except for the last three, chunks. */
    public Summary summary() {
        int count = chunks.size();
        return new Summary(
                mean(Head::alpha),
                mean(Head::eta),
                mean(Head::errorNorm),
                mean(Head::cappedShare),
                mean(count * 3 / 4, count, Head::writtenShare),
                mean(count - 1, count, head -> mean(head.stateNorm())),
                mean(count - 1, count, head -> mean(head.stateDrift())));
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }
}
