package org.hopespark.jobs.schedule;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.FolderLock;
import org.hopespark.data.io.Storage;

/** A job that has its output folder to itself, and leaves a record in {@code _runs/} however it ends. */
public final class ScheduledRun {
    private static final String NO_SPACE = "No space left on device";

    private static final ObjectMapper JSON = new ObjectMapper();

    private ScheduledRun() {}

    /**
     * Runs a job on a folder.
     *
     * @throws UserException if a disk is full
     */
    public static Outcome of(SparkSession session, String name, String folder, Supplier<Outcome> job) {
        try {
            return run(session, name, folder, job);
        } catch (Exception e) { // Spark throws checked exceptions that its methods do not declare
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (String.valueOf(cause.getMessage()).contains(NO_SPACE)) {
                    throw new UserException(
                            NO_SPACE + ": make room on the disk of " + folder + " or of Spark's temporary files ("
                                    + session.conf().get("spark.local.dir", "spark.local.dir, by default /tmp")
                                    + "), then give the same command again; what was finished before is intact",
                            e);
                }
            }
            throw e;
        }
    }

    private static Outcome run(SparkSession session, String name, String folder, Supplier<Outcome> job) {
        Storage storage = new Storage(session.sparkContext().hadoopConfiguration());
        Instant started = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        ObjectNode entry = JSON.createObjectNode()
                .put("job", name)
                .put("application", session.sparkContext().applicationId())
                .put("started", started.toString());
        String place = folder + "/_runs/" + started.toString().replace(':', '-') + ".json";
        String owner = name + ", application " + session.sparkContext().applicationId();
        try (FolderLock lock = FolderLock.take(folder, storage, owner)) {
            try {
                Outcome outcome = job.get();
                lock.requireHeld();
                entry.put(
                        "outcome",
                        outcome.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
                write(storage, place, finished(entry));
                return outcome;
            } catch (Exception e) {
                entry.put("outcome", "failed").put("problem", String.valueOf(e.getMessage()));
                try {
                    write(storage, place, finished(entry));
                } catch (RuntimeException second) {
                    e.addSuppressed(second); // what the job failed for may keep its record from being written, too
                }
                throw e;
            }
        }
    }

    private static ObjectNode finished(ObjectNode entry) {
        return entry.put(
                "finished", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    }

    private static void write(Storage storage, String place, ObjectNode entry) {
        try {
            storage.publish(place, (JSON.writeValueAsString(entry) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
