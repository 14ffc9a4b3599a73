package org.hopespark.data.io;

import com.fasterxml.jackson.core.JacksonException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.UserException;

/**
 * One job at a time in a folder. The holder writes a file and renews it while it lives. A file that nobody has renewed
 * for {@link #STALE} belongs to a job that was killed, and is taken over; so is, at once, that of a process of this
 * machine that is no longer there.
 *
 * <p>Not every file system can create a file only where there is none, so who has written looks again a moment later:
 * the last writer has the folder, all others know. Before it publishes anything a job asks whether it still has it.
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

    /**
     * Who has a folder.
     *
     * @param epoch one more than that of the holder before
     */
    private record Holder(String token, String owner, String since, long epoch, LiveProcess process) {}

    /**
     * A process as it is known to others of its machine.
     *
     * @param space in which its number counts: containers of one machine have one each
     * @param started tells it from a later one of the same number
     */
    private record LiveProcess(String host, String space, long id, String started) {
        static LiveProcess current() {
            return new LiveProcess(
                    thisHost(), thisSpace(), ProcessHandle.current().pid(), started(ProcessHandle.current()));
        }

        boolean hasEnded() {
            return host.equals(thisHost())
                    && space.equals(thisSpace())
                    && ProcessHandle.of(id)
                            .filter(process -> started(process).equals(started))
                            .isEmpty();
        }

        private static String started(ProcessHandle process) {
            return process.info().startInstant().map(Instant::toString).orElse("");
        }

        private static String thisHost() {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                return "unknown host";
            }
        }

        private static String thisSpace() {
            try {
                return Files.readSymbolicLink(java.nio.file.Path.of("/proc/self/ns/pid"))
                        .toString();
            } catch (IOException | UnsupportedOperationException elsewhere) {
                return "";
            }
        }
    }

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
     * @param owner what others are shown of this job
     * @throws UserException if another job has it; the message names it
     */
    public static FolderLock take(String folder, Storage storage, String owner) {
        Path path = new Path(storage.qualified(folder), NAME);
        try {
            long epoch = requireFree(path, storage);
            Holder mine = new Holder(
                    UUID.randomUUID().toString(), owner, Instant.now().toString(), epoch + 1, LiveProcess.current());
            storage.publish(path, Json.write(mine));
            Thread.sleep(SECOND_LOOK.toMillis());
            Optional<Holder> found = holder(path, storage);
            if (found.filter(mine::equals).isEmpty()) {
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

    /** Empty where the file is of another version, or was cut by a loss of power. */
    private static Optional<Holder> holder(Path path, Storage storage) throws IOException {
        try {
            return Optional.of(Json.read(storage.read(path), Holder.class));
        } catch (JacksonException unreadable) {
            return Optional.empty();
        }
    }

    /** The epoch of the holder before. */
    private static long requireFree(Path path, Storage storage) throws IOException {
        try {
            long written = storage.status(path).getModificationTime();
            boolean isEmpty = storage.status(path).getLen() == 0;
            Duration silent = Duration.ofMillis(Math.max(0, System.currentTimeMillis() - written));
            Optional<Holder> before = holder(path, storage);
            boolean hasEnded = isEmpty
                    || before.filter(holder -> holder.process.hasEnded()).isPresent();
            if (silent.compareTo(STALE) < 0 && !hasEnded) {
                throw taken(path, before, silent);
            }
            return before.map(Holder::epoch).orElse(0L);
        } catch (FileNotFoundException free) {
            return 0;
        }
    }

    private static UserException taken(Path path, Optional<Holder> holder, Duration silent) {
        return new UserException(path.getParent() + " is being written by another job: "
                + holder.map(each -> each.owner + " on " + each.process.host + ", process " + each.process.id
                                + ", since " + each.since)
                        .orElse("of another version")
                + ", last heard of " + silent.toSeconds()
                + " s ago; wait for it, or for " + STALE.toSeconds() + " s after its end if it was killed");
    }

    private void renew() {
        try {
            if (isMine()) {
                storage.publish(path, Json.write(holder));
            } else {
                lost = true;
            }
        } catch (IOException | UncheckedIOException e) {
            // the next renewal may succeed; until then the file is only older
        }
    }

    private boolean isMine() throws IOException {
        return holder(path, storage).filter(holder::equals).isPresent();
    }

    /**
     * To be called at the end, and before anything is published.
     *
     * @throws IllegalStateException if another job has taken the folder because this one was silent for too long
     */
    public void requireHeld() {
        try {
            lost = lost || !isMine();
        } catch (IOException e) {
            throw new IllegalStateException(
                    "it cannot be seen whether this job still has " + path.getParent() + ": " + e.getMessage(), e);
        }
        if (lost) {
            throw new IllegalStateException(path.getParent() + " was taken over by another job while this one did not"
                    + " answer; look at what that one has made");
        }
    }

    @Override
    public void close() {
        renewal.shutdownNow();
        try {
            if (!lost && isMine()) {
                storage.fileSystem(path).delete(path, false);
            }
        } catch (IOException e) {
            // what is left is stale in a minute
        }
    }
}
