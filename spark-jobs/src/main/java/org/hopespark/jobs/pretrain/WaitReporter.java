package org.hopespark.jobs.pretrain;

import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.hopespark.model.BoundarySync;
import org.jspecify.annotations.Nullable;

/**
 * A worker's meetings, which are reported to the driver while they take long. Who keeps the others waiting does not
 * know it; the driver does: it is who has not said that it waits.
 */
final class WaitReporter implements BoundarySync, AutoCloseable {
    /** Seconds between two messages, and before the first. */
    static final long TELL_SECONDS = 2;

    private record Wait(long step, long since) {}

    private final BoundarySync sync;
    private final Consumer<WorkerMessage> driver;
    private final LongSupplier nanoTime;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "hope-waits");
        thread.setDaemon(true);
        return thread;
    });
    private volatile @Nullable Wait current;

    WaitReporter(BoundarySync sync, Consumer<WorkerMessage> driver) {
        this(sync, driver, System::nanoTime);
        ScheduledFuture<?> unused =
                clock.scheduleWithFixedDelay(this::tell, TELL_SECONDS, TELL_SECONDS, TimeUnit.SECONDS);
    }

    /** Without a clock of its own: someone else calls {@link #tell}. */
    WaitReporter(BoundarySync sync, Consumer<WorkerMessage> driver, LongSupplier nanoTime) {
        this.sync = sync;
        this.driver = driver;
        this.nanoTime = nanoTime;
    }

    void tell() {
        Wait wait = current;
        if (wait != null) {
            double seconds = (nanoTime.getAsLong() - wait.since()) * 1e-9;
            if (seconds >= TELL_SECONDS) {
                driver.accept(new WorkerMessage.Waiting(wait.step(), seconds));
            }
        }
    }

    @Override
    public int rank() {
        return sync.rank();
    }

    @Override
    public int workers() {
        return sync.workers();
    }

    @Override
    public Agreement open(long step, long tokens, StopRequest stop, long[] digests) {
        return meet(step, () -> sync.open(step, tokens, stop, digests));
    }

    @Override
    public Pending sum(Part part) {
        Pending pending = sync.sum(part);
        return () -> meet(part.step(), pending::await);
    }

    @Override
    public Pending reduce(Part part) {
        Pending pending = sync.reduce(part);
        return () -> meet(part.step(), pending::await);
    }

    @Override
    public Publication gather(Part part) {
        Publication publication = sync.gather(part);
        return () -> {
            Pending pending = publication.publish();
            return () -> meet(part.step(), pending::await);
        };
    }

    @Override
    public List<double[]> share(long step, double[] values) {
        return meet(step, () -> sync.share(step, values));
    }

    private <T> T meet(long step, Supplier<T> meeting) {
        current = new Wait(step, nanoTime.getAsLong());
        try {
            return meeting.get();
        } finally {
            current = null;
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
