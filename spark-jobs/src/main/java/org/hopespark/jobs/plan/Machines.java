package org.hopespark.jobs.plan;

import org.hopespark.conf.Checks;

/**
 * What a run is planned for.
 *
 * @param workers N, each with a device of its own
 * @param memoryBytes of one device
 * @param reserved share of the memory that is kept free for the engine, the workspaces of its kernels and fragmentation
 * @param bytesPerSecond what a worker can send, and receive at the same time
 * @param peakFlops multiplications and additions a second of one device in matrix products
 * @param share of the peak that training reaches
 */
public record Machines(
        int workers, double memoryBytes, double reserved, double bytesPerSecond, double peakFlops, double share) {
    public Machines {
        Checks checks = new Checks();
        checks.that(workers >= 1, "--gpus must be >= 1, got " + workers);
        checks.that(reserved >= 0 && reserved < 1, "--reserve must lie in 0..1, 1 excluded, got " + reserved);
        checks.that(peakFlops > 0, "--tflops must be > 0, got " + peakFlops * 1e-12);
        checks.that(share > 0 && share <= 1, "--mfu must lie in 0..1, 0 excluded, got " + share);
        checks.done();
    }
}
