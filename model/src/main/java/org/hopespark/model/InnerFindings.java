package org.hopespark.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.hopespark.conf.MemoryConfig;
import org.hopespark.conf.ModelConfig;
import org.hopespark.model.InnerStatistics.Chunk;
import org.hopespark.model.InnerStatistics.Head;

/** Judges how memories learn inside one sequence: at most one finding of each kind, or one for each block. */
public final class InnerFindings {
    /**
     * Norms of a memory relative to its start, which {@code MemoryLifeTest} allows the shipped configurations. After
     * 240 steps a small model had 0.998 to 1.70.
     */
    private static final double LEAST_NORM = 0.3;

    private static final double MOST_NORM = 3;

    /** The cap is a safety that should never act; it has cut nothing in healthy models. */
    private static final double MOST_CAPPED = 0.01;

    /** Place in a document from which memories have had the time to fill. */
    static final int FILLED = 64;

    /**
     * Share of what is read that writes have made: 0.5 to 0.6 in blocks of a fresh hope-nano, 0.15 to 0.35 in those of
     * a small model after 200 steps, 0.01 to 0.02 with a retention of 0.05. Training may settle a block at less, but
     * not all of them.
     */
    private static final double LEAST_WRITTEN = 0.1;

    private static final double LEAST_WRITTEN_OF_BLOCK = 0.03;

    /** Chunks over which a gate that is the same in each of them is no accident. */
    private static final int ENOUGH_CHUNKS = 4;

    private final ModelConfig model;
    private final long[] positions;
    private final List<Finding> findings = new ArrayList<>();

    private InnerFindings(ModelConfig model, long[] positions) {
        this.model = model;
        this.positions = positions;
    }

    /**
     * What is wrong.
     *
     * @param blocks statistics of one sequence; empty without memories
     */
    public static List<Finding> of(List<InnerStatistics> blocks, TokenBatch.Sequence sequence, ModelConfig model) {
        InnerFindings found = new InnerFindings(model, sequence.positions());
        for (InnerStatistics statistics : blocks) {
            if (!found.stateLeavesItsBounds(statistics.block(), statistics)) {
                found.errorsAreCapped(statistics.block(), statistics);
                found.gatesAreConstant(statistics.block(), statistics);
            }
        }
        if (!blocks.isEmpty() && found.findings.stream().noneMatch(each -> each.illness() == Illness.STATE)) {
            found.memoriesAreShort(blocks);
            found.memoriesAreDead(blocks);
        }
        return List.copyOf(found.findings);
    }

    /** The memory that is furthest from its start, and the setting that keeps it nearer; empty without memories. */
    static Optional<String> furthest(List<InnerStatistics> blocks, TokenBatch.Sequence sequence, ModelConfig model) {
        InnerFindings at = new InnerFindings(model, sequence.positions());
        double most = -1;
        String text = "";
        for (InnerStatistics statistics : blocks) {
            for (Chunk chunk : statistics.chunks()) {
                for (int head = 0; head < chunk.heads().size(); head++) {
                    List<Double> drifts = chunk.heads().get(head).stateDrift();
                    for (int memory = 0; memory < drifts.size(); memory++) {
                        if (drifts.get(memory) > most) {
                            most = drifts.get(memory);
                            String name = statistics.memories().get(memory);
                            text = String.format(
                                    Locale.ROOT,
                                    "block %d, head %d, memory %s has moved furthest, by %.3g of its norm, %d tokens"
                                            + " after the document's start: %s",
                                    statistics.block(),
                                    head,
                                    name,
                                    most,
                                    at.end(chunk),
                                    at.remedy(name, Double.POSITIVE_INFINITY));
                        }
                    }
                }
            }
        }
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private void add(Illness illness, String format, Object... values) {
        findings.add(new Finding(illness, String.format(Locale.ROOT, format, values)));
    }

    /** Tells the place where it happens first: what follows from there is its consequence. */
    private boolean stateLeavesItsBounds(int block, InnerStatistics statistics) {
        for (Chunk chunk : statistics.chunks()) {
            for (int head = 0; head < chunk.heads().size(); head++) {
                List<Double> norms = chunk.heads().get(head).stateNorm();
                for (int memory = 0; memory < norms.size(); memory++) {
                    double norm = norms.get(memory);
                    if (!(norm >= LEAST_NORM && norm <= MOST_NORM)) {
                        String name = statistics.memories().get(memory);
                        add(
                                Illness.STATE,
                                "block %d, head %d, memory %s: its norm is %.3g times that at the start %d tokens after"
                                        + " the document's start, outside of %.1f to %.0f: %s",
                                block,
                                head,
                                name,
                                norm,
                                end(chunk),
                                LEAST_NORM,
                                MOST_NORM,
                                remedy(name, norm));
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private String remedy(String name, double norm) {
        MemoryConfig memory = model.memory();
        if (norm < LEAST_NORM && memory.decay() == MemoryConfig.Decay.ZERO) {
            return "set model.memory.decay to start, or raise model.memory.retention-bias (" + memory.retentionBias()
                    + ")";
        }
        if (!memory.retention()) {
            return "set model.memory.retention to true, or lower model.memory.eta-start (" + memory.etaStart() + ")";
        }
        boolean main = name.equals("main");
        double inputRate = main ? memory.inputRate() : memory.othersInputRate();
        if (inputRate > 0) {
            return "lower model.memory." + (main ? "input-rate" : "others-input-rate") + " (" + inputRate + ")";
        }
        if (!main) {
            return "lower model.memory.others-rate (" + memory.othersRate() + ")";
        }
        // where each write corrects what it finds, eta does not move the point at which it ends
        return memory.innerRule() == MemoryConfig.InnerRule.DGD
                ? "lower model.memory.value-scale (" + memory.valueScale() + ")"
                : "lower model.memory.eta-start (" + memory.etaStart() + ")";
    }

    private void errorsAreCapped(int block, InnerStatistics statistics) {
        int worst = worst(statistics.heads(), head -> mean(statistics.chunks(), head, Head::cappedShare));
        double share = mean(statistics.chunks(), worst, Head::cappedShare);
        if (share >= MOST_CAPPED) {
            add(
                    Illness.CAPPED_ERRORS,
                    "block %d, head %d, memory main: the cap cuts %.3g %% of the errors that writes learn from, from"
                            + " token %d of the document on: raise model.memory.error-cap (%s) or lower"
                            + " model.memory.value-scale (%s)",
                    block,
                    worst,
                    100 * share,
                    statistics.chunks().stream()
                            .filter(chunk -> chunk.heads().get(worst).cappedShare() > 0)
                            .mapToLong(this::begin)
                            .findFirst()
                            .orElse(0),
                    model.memory().errorCap(),
                    model.memory().valueScale());
        }
    }

    /** Blocks may divide the work: one head of any block that remembers is enough. */
    private void memoriesAreShort(List<InnerStatistics> blocks) {
        int block = worst(blocks.size(), each -> longest(blocks.get(each)));
        InnerStatistics statistics = blocks.get(block);
        double halfLife = longest(statistics);
        if (halfLife < model.chunkTokens()) {
            add(
                    Illness.SHORT_MEMORY,
                    "no head of any block remembers as long as a chunk of %d tokens; the longest memory, that of block"
                            + " %d, head %d, has forgotten half after %.3g: raise model.memory.retention-bias-last (%s)"
                            + " and model.memory.retention-bias (%s)",
                    model.chunkTokens(),
                    statistics.block(),
                    worst(statistics.heads(), statistics::halfLifeTokens),
                    halfLife,
                    model.memory().retentionBiasLast(),
                    model.memory().retentionBias());
        }
    }

    private static double longest(InnerStatistics statistics) {
        return statistics.halfLifeTokens(worst(statistics.heads(), statistics::halfLifeTokens));
    }

    private void memoriesAreDead(List<InnerStatistics> blocks) {
        MemoryConfig memory = model.memory();
        if (memory.etaMax() == 0) {
            add(Illness.DEAD_MEMORY, "model.memory.eta-max is 0, so that memories are never written: set it to 1");
            return;
        }
        double[] shares = blocks.stream().mapToDouble(this::writtenShare).toArray();
        int least = worst(shares.length, block -> -shares[block]);
        double mean = Arrays.stream(shares).average().orElseThrow();
        // NaN where no document is long enough
        if (mean < LEAST_WRITTEN || shares[least] < LEAST_WRITTEN_OF_BLOCK) {
            add(
                    Illness.DEAD_MEMORY,
                    "block %d, memory main: writes have made %.3g %% of what is read from token %d of a document on, and"
                            + " %.3g %% in all blocks (healthy: %.0f and %.0f %%), at a mean eta of %.3g: raise"
                            + " model.memory.eta-start (%s, at most eta-max %s), or model.memory.retention-bias (%s) and"
                            + " model.memory.retention-bias-last (%s)",
                    blocks.get(least).block(),
                    100 * shares[least],
                    FILLED,
                    100 * mean,
                    100 * LEAST_WRITTEN_OF_BLOCK,
                    100 * LEAST_WRITTEN,
                    blocks.get(least).mean(Head::eta),
                    memory.etaStart(),
                    memory.etaMax(),
                    memory.retentionBias(),
                    memory.retentionBiasLast());
        }
    }

    /** Mean over the heads, where memories have had the time to fill; NaN where no document is as long. */
    private double writtenShare(InnerStatistics statistics) {
        return statistics.chunks().stream()
                .filter(chunk -> begin(chunk) >= FILLED)
                .flatMap(chunk -> chunk.heads().stream())
                .mapToDouble(Head::writtenShare)
                .average()
                .orElse(Double.NaN);
    }

    private void gatesAreConstant(int block, InnerStatistics statistics) {
        if (model.memory().etaMax() > 0) {
            gateIsConstant(block, "eta", statistics, Head::eta, "eta-start");
        }
        if (model.memory().retention()) {
            gateIsConstant(block, "alpha", statistics, Head::alpha, "retention-bias");
        }
    }

    /** A gate that reads nothing, or has saturated, has the same mean in every chunk to the last bit. */
    private void gateIsConstant(
            int block, String gate, InnerStatistics statistics, InnerStatistics.Figure figure, String setting) {
        boolean constant = statistics.chunks().size() >= ENOUGH_CHUNKS
                && IntStream.range(0, statistics.heads())
                        .allMatch(head -> statistics.chunks().stream()
                                        .mapToDouble(
                                                chunk -> figure.of(chunk.heads().get(head)))
                                        .distinct()
                                        .count()
                                == 1);
        if (constant) {
            add(
                    Illness.FROZEN_GATE,
                    "block %d: the gate %s of every head is the same for all tokens (%.3g in head 0): its parameters"
                            + " %s.head are zero or its bias has saturated; start nearer to the middle with"
                            + " model.memory.%s, or let it read tokens with model.memory.gates=token",
                    block,
                    gate,
                    figure.of(statistics.chunks().get(0).heads().get(0)),
                    gate,
                    setting);
        }
    }

    /** The head or block with the largest figure. */
    private static int worst(int count, ToDoubleFunction<Integer> figure) {
        return IntStream.range(0, count)
                .boxed()
                .max(Comparator.comparingDouble(figure))
                .orElseThrow();
    }

    private static double mean(List<Chunk> chunks, int head, InnerStatistics.Figure figure) {
        return chunks.stream()
                .mapToDouble(chunk -> figure.of(chunk.heads().get(head)))
                .average()
                .orElse(Double.NaN);
    }

    /** Tokens from the document's start to the chunk's end. */
    private long end(Chunk chunk) {
        return positions[Math.min(chunk.end(), positions.length) - 1] + 1;
    }

    private long begin(Chunk chunk) {
        return positions[Math.max(0, Math.min(chunk.end(), positions.length) - model.mainChunkTokens())];
    }
}
