package org.hopespark.model.eval;

import java.util.List;

/** A model's loss on a held-out part of a data set, measured by whoever knows how that is stored. */
public interface HeldOut {
    /** The name in task lists and results. */
    String TASK = "validation";

    /** Changes when the sums are taken otherwise. */
    int VERSION = 1;

    /** Goes through the data once. */
    Sums sums();

    /**
     * Sums over all targets.
     *
     * @param negativeLogLikelihood nats
     * @param tokens targets
     * @param bytes UTF-8 bytes of the text that the targets spell
     */
    record Sums(double negativeLogLikelihood, long tokens, long bytes) {
        public Sums {
            if (tokens < 1 || bytes < 1) {
                throw new IllegalArgumentException("held-out data must have >= 1 target token and >= 1 byte, got "
                        + tokens + " tokens, " + bytes + " bytes");
            }
        }

        /** Nats per target token. */
        public double loss() {
            return negativeLogLikelihood / tokens;
        }

        /** Comparable between tokenizers. */
        public double bitsPerByte() {
            return negativeLogLikelihood / (bytes * Math.log(2));
        }

        List<Measurement> measurements() {
            return List.of(
                    Measurement.plain("loss", loss(), tokens),
                    Measurement.plain("perplexity", Math.exp(loss()), tokens),
                    Measurement.plain("bits_per_byte", bitsPerByte(), tokens));
        }
    }
}
