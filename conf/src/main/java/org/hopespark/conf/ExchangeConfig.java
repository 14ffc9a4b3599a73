package org.hopespark.conf;

/**
 * How the levels that are due travel between the workers. Nothing here changes what is learned.
 *
 * @param optimizer who holds AdamW's moments: every worker all of them ({@code replicated}), or the owner of a slice,
 *     who updates and publishes it ({@code sharded}); {@code auto} shards from four workers on
 * @param overlap whether a bucket sets out while backward is still at the blocks before it
 * @param bucketKib least size of what is exchanged at once, in KiB
 * @param ringAboveWorkers up to so many workers everyone sends to everyone; above, in a ring
 */
public record ExchangeConfig(Optimizer optimizer, boolean overlap, long bucketKib, int ringAboveWorkers) {
    /** From here on the moments, 8 bytes a parameter, weigh more than a round of messages. */
    private static final int SHARDED_FROM_WORKERS = 4;

    static final ExchangeConfig DEFAULT = new ExchangeConfig(Optimizer.AUTO, true, 4096, 64);

    /** Who holds the moments. */
    public enum Optimizer {
        AUTO,
        REPLICATED,
        SHARDED
    }

    public ExchangeConfig {
        Checks checks = new Checks();
        checks.that(bucketKib >= 1, "bucket-kib must be >= 1, got " + bucketKib);
        checks.that(ringAboveWorkers >= 2, "ring-above-workers must be >= 2, got " + ringAboveWorkers);
        checks.done();
    }

    /** Whether N workers share the moments out. */
    public boolean shardsOptimizer(int workers) {
        return optimizer == Optimizer.SHARDED || (optimizer == Optimizer.AUTO && workers >= SHARDED_FROM_WORKERS);
    }
}
