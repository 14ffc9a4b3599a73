package org.hopespark.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The memories of self-modifying Titans (Nested Learning, section 8.1). Each ingredient is a setting of its own, so
 * that every row of the paper's ablation is one configuration. The defaults differ from Eq. 86-88 where the printed
 * form dies or diverges on long documents; what to set for the printed form is said with each of these settings.
 *
 * @param depth layers of a memory: 2 for M(z) = z + gelu(z up) down, 1 for M(z) = z + z up
 * @param hiddenRatio hidden width of a memory of depth 2 in units of the head's width
 * @param mainChunkTokens chunk of the main memory where it differs from {@code model.chunk-tokens}, that of the others;
 *     0 where it does not; one of the two divides the other
 * @param convolutionWidth taps of the causal depth-wise convolution of q, k and v
 * @param read which state of the main memory a token reads
 * @param innerRule what a write is besides a step along the gradient (printed: {@code dgd-printed})
 * @param innerMomentum decay of the momentum of writes; 0 for none
 * @param retention whether memories forget by a gate alpha; otherwise alpha = 1
 * @param retentionBias b of the first head in alpha = sigmoid(b + linear) at the start of training; the other heads lie
 *     evenly between the first and the last, so that some forget within tokens and some within thousands
 * @param retentionBiasLast b of the last head
 * @param decay what a memory decays to (printed: {@code zero})
 * @param gates what the gates eta and alpha read (printed: {@code key})
 * @param etaMax upper end of the inner learning rate eta of a token or, with the rules {@code gd} and
 *     {@code dgd-printed}, of a whole chunk; 0 for memories that are never written. Above 1 a write may turn the sign
 *     of what it erases (negative eigenvalues: Grazzi et al. 2025, arXiv 2411.12537)
 * @param etaStart inner learning rate at the start of training, which is multiplied by 1 - {@code inner-momentum}
 * @param othersRate eta of the memories that make keys, rates and values, as a share of eta (printed: 1). A memory that
 *     makes the keys it is written with is chaotic when its steps are large
 * @param inputRate eta of the main memory's input side, as a share of eta (printed: 1); 0 for an input side that stays
 *     as learned. Its gradients are all taken at the chunk's beginning, so that a chunk acts like one step of
 *     {@code chunk-tokens} times that, and grow with the errors: even at 0.03 training has been seen to diverge.
 *     Without it a write is linear, and no step of it expands
 * @param othersInputRate the same of the other memories, as a share of theirs (printed: 1); 0 for input sides that stay
 *     as learned
 * @param movingTargets whether the target M(v) of a write is read from the memory as it moves (printed: {@code true})
 *     rather than from its learned start
 * @param valueScale values are multiplied by this over the square root of the head's width; 1 makes them about as long
 *     as keys
 * @param errorCap longest error at a chunk's beginning that a write learns from, in units of the square root of the
 *     head's width: a safety that should never act. The output side of {@code dgd} does not need it, as its step is
 *     linear in the error
 * @param adaptiveKey whether keys come from a memory rather than from the projection alone
 * @param adaptiveValue the same for values
 * @param adaptiveQuery the same for queries
 */
public record MemoryConfig(
        int depth,
        int hiddenRatio,
        int mainChunkTokens,
        int convolutionWidth,
        Read read,
        InnerRule innerRule,
        double innerMomentum,
        boolean retention,
        double retentionBias,
        double retentionBiasLast,
        Decay decay,
        Gates gates,
        double etaMax,
        double etaStart,
        double othersRate,
        double inputRate,
        double othersInputRate,
        boolean movingTargets,
        double valueScale,
        double errorCap,
        boolean adaptiveKey,
        boolean adaptiveValue,
        boolean adaptiveQuery) {

    /** Which state of the main memory a token reads. */
    public enum Read {
        /** Its own write included. */
        AFTER_WRITE,
        /** Writes of all tokens before it. */
        BEFORE_WRITE,
        /** The state that enters its chunk, as the paper prints it (Eq. 90). */
        CHUNK_START
    }

    /** What a write is. */
    public enum InnerRule {
        /** Delta gradient descent; the output side is corrected where the token finds it, so that it erases once. */
        DGD,
        /** Eq. 88 as printed: a factor that erases, and a gradient at the chunk's beginning that erases again. */
        DGD_PRINTED,
        /** Plain gradient descent at the chunk's beginning. */
        GD;

        /**
         * Whether all errors are those of the chunk's beginning, so that a chunk acts like one step of all its writes.
         * Its tokens then share eta.
         */
        boolean isFrozen() {
            return this != DGD;
        }
    }

    /** What a memory that is not written decays to. */
    public enum Decay {
        /** The start that the outer loop has learned. */
        START,
        /** Nothing. */
        ZERO
    }

    /** What the gates eta and alpha read. */
    public enum Gates {
        /** Memories of their own, at the key (Eq. 83). */
        KEY,
        /** The block's normalised input besides these. */
        TOKEN
    }

    static final MemoryConfig DEFAULT = new MemoryConfig(
            2,
            1,
            0,
            4,
            Read.AFTER_WRITE,
            InnerRule.DGD,
            0,
            true,
            2.0,
            8.0,
            Decay.START,
            Gates.KEY,
            1.0,
            0.2,
            0.05,
            0,
            0,
            false,
            1.0,
            4.0,
            true,
            true,
            false);

    public MemoryConfig {
        Checks checks = new Checks();
        checks.that(depth == 1 || depth == 2, "depth must be 1 or 2, got " + depth);
        checks.that(hiddenRatio > 0, "hidden-ratio must be >= 1, got " + hiddenRatio);
        checks.that(
                depth == 2 || hiddenRatio == 1,
                "hidden-ratio must be 1 for memories of depth 1, which have no hidden layer, got " + hiddenRatio);
        checks.that(mainChunkTokens >= 0, "main-chunk-tokens must be >= 0, got " + mainChunkTokens);
        checks.that(convolutionWidth > 0, "convolution-width must be >= 1, got " + convolutionWidth);
        checks.that(
                innerMomentum >= 0 && innerMomentum < 1,
                "inner-momentum must lie in 0..1, 1 excluded, got " + innerMomentum);
        checks.that(
                etaMax >= 0 && etaMax <= 2,
                "eta-max must lie in 0..2, got " + etaMax
                        + ": with |h| <= 1 a write multiplies what it finds by 1 - eta, which grows above 2");
        checks.that(
                etaMax == 0 || (etaStart > 0 && etaStart < etaMax),
                "eta-start must lie between 0 and eta-max " + etaMax + ", got " + etaStart);
        checks.that(isShare(othersRate), "others-rate must lie in 0..1, got " + othersRate);
        checks.that(isShare(inputRate), "input-rate must lie in 0..1, got " + inputRate);
        checks.that(isShare(othersInputRate), "others-input-rate must lie in 0..1, got " + othersInputRate);
        checks.that(valueScale > 0, "value-scale must be > 0, got " + valueScale);
        checks.that(errorCap > 0, "error-cap must be > 0, got " + errorCap);
        checks.done();
    }

    /** Memories of a head that make the key, eta and alpha of a token out of its key input. */
    public int keyReaders() {
        return (adaptiveKey ? 1 : 0) + 1 + (retention ? 1 : 0);
    }

    /** Memories of a head, the main one included. */
    public int count() {
        return keyReaders() + (adaptiveValue ? 1 : 0) + (adaptiveQuery ? 1 : 0) + 1;
    }

    /** What a token adds to the gates: nothing, or a number for eta and one for alpha. */
    public int tokenGates() {
        return gates == Gates.KEY ? 0 : retention ? 2 : 1;
    }

    /** Inner learning rate at the start of training, for writes that momentum repeats. */
    public double firstEta() {
        return etaMax == 0 ? 0 : etaStart * (1 - innerMomentum);
    }

    /**
     * Why these settings are likely to diverge, in words; empty if they are not. Where all gradients of a chunk are
     * taken at one state it acts like a single step, which overshoots above 2 and was seen to be safe up to 1/2;
     * memories that make keys were seen to be chaotic above a rate of 0.05.
     *
     * @param chunkTokens of the memories that make keys, rates and values
     * @param mainChunkTokens of the main memory
     */
    List<String> risks(int chunkTokens, int mainChunkTokens) {
        List<String> risks = new ArrayList<>();
        // momentum repeats a write 1/(1 - m) times
        double eta = etaMax == 0 ? 0 : etaStart;
        boolean frozen = innerRule.isFrozen();
        double main = eta * (frozen ? 1 : depth == 1 ? 0 : mainChunkTokens * inputRate);
        double others = eta * othersRate * (frozen ? 1 : depth == 1 ? 0 : chunkTokens * othersInputRate);
        addRisk(
                risks,
                main,
                0.5,
                "a chunk of the main memory acts like one step of %.3g"
                        + (frozen
                                ? " = eta-start"
                                : " = " + mainChunkTokens + " tokens x eta-start " + eta + " x input-rate " + inputRate)
                        + ", more than %.3g",
                frozen ? "eta-start" : "input-rate");
        addRisk(
                risks,
                others,
                0.5,
                "a chunk of the memories that make keys, rates and values acts like one step of %.3g, more than %.3g",
                frozen ? "others-rate" : "others-input-rate");
        addRisk(
                risks,
                eta * othersRate,
                0.05,
                "memories that make the keys they are written with learn at %.3g = eta-start x others-rate, more than"
                        + " %.3g",
                "others-rate");
        return risks;
    }

    private static void addRisk(List<String> risks, double value, double bound, String text, String setting) {
        // a bound that is met exactly is met
        if (value > bound * (1 + 1e-9)) {
            risks.add(String.format(Locale.ROOT, text, value, bound)
                    + ": outer gradients may grow with the length of documents; lower model.memory." + setting);
        }
    }

    private static boolean isShare(double value) {
        return value >= 0 && value <= 1;
    }
}
