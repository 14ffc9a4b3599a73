package org.hopespark.cluster.spark;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a worker is notified of while it works. */
final class WorkerSignals {
    private final AtomicBoolean preempted = new AtomicBoolean();
    private final AtomicBoolean resize = new AtomicBoolean();
    private final CountDownLatch handled = new CountDownLatch(1);

    void preempt() {
        preempted.set(true);
    }

    void resize() {
        resize.set(true);
    }

    boolean isPreempted() {
        return preempted.get();
    }

    boolean isResizeRequested() {
        return resize.get();
    }

    /** The executor may go. */
    void handled() {
        handled.countDown();
    }

    /** Returns when the executor may go, or the time is over. */
    void awaitHandled(Duration longest) {
        try {
            boolean unused = handled.await(longest.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
