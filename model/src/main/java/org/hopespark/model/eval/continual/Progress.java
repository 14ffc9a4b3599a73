package org.hopespark.model.eval.continual;

import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** Tells every ten seconds how much is left. */
final class Progress {
    /** Forward and backward cost three times the forward pass alone. */
    static final long TRAINED = 3;

    private static final Logger LOG = LogManager.getLogger(Progress.class);
    private static final long NANOS_BETWEEN_LINES = 10_000_000_000L;

    private final String name;
    private final long total;
    private final long started = System.nanoTime();
    private long told = started;
    private long done;
    private String phase = "before the first task";

    /**
     * Begins now.
     *
     * @param total forward passes of a sequence
     */
    Progress(String name, long total) {
        this.name = name;
        this.total = total;
    }

    void phase(String now) {
        phase = now;
    }

    void done(long passes) {
        done += passes;
        long now = System.nanoTime();
        if (now - told > NANOS_BETWEEN_LINES) {
            told = now;
            LOG.info(
                    "{}: {}, {} % done, about {} s left",
                    name,
                    phase,
                    100 * done / Math.max(1, total),
                    Math.round((now - started) * 1e-9 / done * Math.max(0, total - done)));
        }
    }
}
