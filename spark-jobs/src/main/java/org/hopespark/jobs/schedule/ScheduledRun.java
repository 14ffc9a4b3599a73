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
import org.hopespark.data.FolderLock;
import org.hopespark.data.Storage;

/** A job that has its output folder to itself, and leaves a record in {@code _runs/} however it ends. */
public final class ScheduledRun {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ScheduledRun() {}

    /** Runs a job on a folder. */
    public static Outcome of(SparkSession session, String name, String folder, Supplier<Outcome> job) {
        Storage storage = new Storage(session.sparkContext().hadoopConfiguration());
        Instant started = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        ObjectNode entry = JSON.createObjectNode()
                .put("job", name)
                .put("application", session.sparkContext().applicationId())
                .put("started", started.toString());
        String owner = name + ", application " + session.sparkContext().applicationId();
        try (FolderLock lock = FolderLock.take(folder, storage, owner)) {
            try {
                Outcome outcome = job.get();
                lock.requireHeld();
                entry.put(
                        "outcome",
                        outcome.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
                return outcome;
            } catch (RuntimeException e) {
                entry.put("outcome", "failed").put("problem", String.valueOf(e.getMessage()));
                throw e;
            } finally {
                entry.put(
                        "finished", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
                write(storage, folder + "/_runs/" + started.toString().replace(':', '-') + ".json", entry);
            }
        }
    }

    private static void write(Storage storage, String place, ObjectNode entry) {
        try {
            storage.publish(place, (JSON.writeValueAsString(entry) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
