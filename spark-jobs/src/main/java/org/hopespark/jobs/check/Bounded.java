package org.hopespark.jobs.check;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.hopespark.jobs.progress.Units;

/** Work that something broken may hold up for minutes, and that nobody waits for so long. */
public final class Bounded {
    private final Duration longest;

    /** Work that may take so long. */
    public Bounded(Duration longest) {
        this.longest = longest;
    }

    /** Runs on a thread of its own, which is left behind where it does not end in time. */
    public <T> T call(Callable<T> work) throws IOException {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task, "hope-check");
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } catch (TimeoutException e) {
            task.cancel(true);
            throw new IOException("no answer within " + Units.duration(longest.toMillis() * 1e-3), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
