package org.hopespark.model.eval;

import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** Says every ten seconds how far long work is, and how long it takes still. */
public final class Progress {
    private static final Logger LOG = LogManager.getLogger(Progress.class);
    private static final long NANOS_BETWEEN_LINES = 10_000_000_000L;

    private final String what;
    private final long total;
    private final long started = System.nanoTime();
    private long told = started;

    /** Begins {@code total} of {@code what}. */
    public Progress(String what, long total) {
        this.what = what;
        this.total = total;
    }

    /** So many are done. */
    public void done(long count) {
        long now = System.nanoTime();
        if (now - told > NANOS_BETWEEN_LINES && count > 0) {
            double left = (now - started) * 1e-9 / count * (total - count);
            LOG.info("{} of {} {} done, about {} s left", count, total, what, Math.round(left));
            told = now;
        }
    }
}
