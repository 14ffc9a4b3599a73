package org.hopespark.jobs.evaluate;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * The models that this process keeps loaded between cells: at most as many as cells run at one time. A network belongs
 * to the thread that made it, so that each model has one of its own.
 */
final class LoadedModels {
    /** What is done with a model. */
    @FunctionalInterface
    interface Use<T> {
        T with(TrainedModel model) throws Exception;
    }

    private static final LoadedModels OF_PROCESS = new LoadedModels();

    private final Deque<Host> idle = new ArrayDeque<>();

    private LoadedModels() {}

    static LoadedModels ofProcess() {
        return OF_PROCESS;
    }

    /** A model and its thread. */
    private record Host(String key, ExecutorService thread, TrainedModel model) {
        void close() throws Exception {
            try {
                on(thread, () -> {
                    model.close();
                    return true;
                });
            } finally {
                thread.shutdown();
            }
        }
    }

    /**
     * Uses the model of this key; loads it if none is idle, after one that is idle has made room.
     *
     * @param key differs whenever the model does
     */
    <T> T use(String key, Supplier<TrainedModel> load, Use<T> use) throws Exception {
        Host host = take(key, load);
        boolean whole = false;
        try {
            T result = on(host.thread(), () -> use.with(host.model()));
            whole = true;
            return result;
        } finally {
            if (whole) {
                synchronized (idle) {
                    idle.push(host);
                }
            } else {
                host.close();
            }
        }
    }

    private Host take(String key, Supplier<TrainedModel> load) throws Exception {
        Host other = null;
        synchronized (idle) {
            for (Iterator<Host> each = idle.iterator(); each.hasNext(); ) {
                Host host = each.next();
                if (host.key().equals(key)) {
                    each.remove();
                    return host;
                }
            }
            if (!idle.isEmpty()) {
                other = idle.removeLast();
            }
        }
        if (other != null) {
            other.close();
        }
        ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread result = new Thread(task, "evaluated model");
            result.setDaemon(true);
            return result;
        });
        try {
            return new Host(key, thread, on(thread, load::get));
        } catch (Exception e) {
            thread.shutdown();
            throw e;
        }
    }

    private static <T> T on(ExecutorService thread, Callable<T> task) throws Exception {
        try {
            return thread.submit(task).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }
}
