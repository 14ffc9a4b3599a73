package org.hopespark.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.ConfigException;

/**
 * One job at a time in a folder. The holder writes a file and renews it while it lives; a file that nobody has renewed
 * for {@link #STALE} belongs to a job that was killed, and is taken over.
 *
 * <p>Not every file system can create a file only where there is none, so who has written looks again a moment later:
 * the last writer has the folder, all others know.
 */
public final class FolderLock implements AutoCloseable {
    static final Duration STALE = Duration.ofSeconds(60);

    private static final String NAME = "_lock.json";
    private static final Duration RENEWAL = Duration.ofSeconds(10);
    private static final Duration SECOND_LOOK = Duration.ofMillis(500);

    private final Path path;
    private final Storage storage;
    private final Holder holder;
    private final ScheduledThreadPoolExecutor renewal;
    private volatile boolean lost;

    /** Who has a folder. */
    private record Holder(String token, String owner, String since) {}

    private FolderLock(Path path, Storage storage, Holder holder) {
        this.path = path;
        this.storage = storage;
        this.holder = holder;
        renewal = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "hope-folder-lock");
            thread.setDaemon(true);
            return thread;
        });
        var unused = renewal.scheduleWithFixedDelay(
                this::renew, RENEWAL.toMillis(), RENEWAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Takes a folder.
     *
     * @param owner what others are told of this job
     * @throws ConfigException if another job has it; the message names it
     */
    public static FolderLock take(String folder, Storage storage, String owner) {
        Path path = new Path(storage.qualified(folder), NAME);
        Holder mine =
                new Holder(UUID.randomUUID().toString(), owner, Instant.now().toString());
        try {
            requireFree(path, storage);
            write(path, storage, mine);
            Thread.sleep(SECOND_LOOK.toMillis());
            Holder found = Json.read(storage.read(path), Holder.class);
            if (!found.equals(mine)) {
                throw taken(path, found, Duration.ZERO);
            }
            return new FolderLock(path, storage, mine);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while taking " + path, e);
        }
    }

    /**
     * Under a name of its own first: others may be at the same. Who is disturbed by them finds out at the second look.
     */
    private static void write(Path path, Storage storage, Holder holder) throws IOException {
        Path own = new Path(path.getParent(), "." + NAME + "." + holder.token);
        try (OutputStream out = storage.fileSystem(own).create(own, true)) {
            out.write(Json.write(holder));
        }
        try {
            storage.move(own, path);
        } catch (IOException disturbed) {
            storage.fileSystem(own).delete(own, false);
        }
    }

    private static void requireFree(Path path, Storage storage) throws IOException {
        try {
            long written = storage.status(path).getModificationTime();
            Duration silent = Duration.ofMillis(Math.max(0, System.currentTimeMillis() - written));
            if (silent.compareTo(STALE) < 0) {
                throw taken(path, Json.read(storage.read(path), Holder.class), silent);
            }
        } catch (FileNotFoundException free) {
            // nobody has it
        }
    }

    private static ConfigException taken(Path path, Holder holder, Duration silent) {
        return new ConfigException(path.getParent() + " is being written by another job: " + holder.owner + ", since "
                + holder.since + ", last heard of " + silent.toSeconds()
                + " s ago; wait for it, or for " + STALE.toSeconds() + " s after its end if it was killed");
    }

    private void renew() {
        try {
            if (Json.read(storage.read(path), Holder.class).equals(holder)) {
                write(path, storage, holder);
            } else {
                lost = true;
            }
        } catch (IOException | UncheckedIOException e) {
            // the next renewal may succeed; until then the file is only older
        }
    }

    /**
     * To be called at the end.
     *
     * @throws IllegalStateException if another job has taken the folder because this one was silent for too long
     */
    public void requireHeld() {
        if (lost) {
            throw new IllegalStateException(path.getParent() + " was taken over by another job while this one did not"
                    + " answer; look at what that one has made");
        }
    }

    @Override
    public void close() {
        renewal.shutdownNow();
        try {
            if (!lost && Json.read(storage.read(path), Holder.class).equals(holder)) {
                storage.fileSystem(path).delete(path, false);
            }
        } catch (IOException e) {
            // what is left is stale in a minute
        }
    }
}
