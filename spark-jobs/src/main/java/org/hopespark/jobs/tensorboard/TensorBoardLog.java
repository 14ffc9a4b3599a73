package org.hopespark.jobs.tensorboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.hopespark.files.WholeFile;
import org.hopespark.jobs.run.MetricsSink;

/**
 * The steps of a run as scalars of TensorBoard: a file for every start of the command, in the run's
 * {@code tensorboard/} ({@code tensorboard --logdir RUNS}). An attempt that repeats steps takes them back.
 */
public final class TensorBoardLog implements MetricsSink, AutoCloseable {
    private static final long FLUSH_MILLIS = 5_000;

    /** Where a file shows only when it is closed, there is a new one every minute. */
    private static final long FILE_MILLIS = 60_000;

    private final String folder;
    private final Configuration hadoop;
    private final boolean showsWhenClosed;
    private final InstantSource clock;
    private EventFile file;
    private long begunMillis;
    private long attempt = -1;
    private long flushedMillis;

    /**
     * Begins a file.
     *
     * @param folder where it goes
     */
    public TensorBoardLog(String folder, Configuration hadoop) {
        this(folder, hadoop, InstantSource.system());
    }

    TensorBoardLog(String folder, Configuration hadoop, InstantSource clock) {
        this.folder = folder;
        this.hadoop = hadoop;
        this.clock = clock;
        Path path = new Path(folder);
        try {
            showsWhenClosed = WholeFile.isObjectStore(path.getFileSystem(hadoop), path);
            file = begin();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private EventFile begin() throws IOException {
        // two starts in one second must not meet in one file
        begunMillis = clock.millis();
        String name = String.format("events.out.tfevents.%010d.hope-%03d", begunMillis / 1000, begunMillis % 1000);
        EventFile next = new EventFile(new Path(folder, name), hadoop);
        next.add(Event.version(now()));
        next.flush();
        return next;
    }

    @Override
    public synchronized void add(ObjectNode line) {
        try {
            switch (line.path("type").asText()) {
                case "step" -> step(line);
                case "validation" ->
                    scalars(
                            line,
                            Map.of(
                                    "validation/loss", line.path("loss").asDouble(),
                                    "validation/bits-per-byte",
                                            line.path("bits-per-byte").asDouble()));
                case "task" ->
                    scalars(
                            line,
                            Map.of(
                                    line.path("task").asText() + "/"
                                            + line.path("metric").asText(),
                                    line.path("value").asDouble()));
                default -> {
                    // no scalar
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void step(ObjectNode line) throws IOException {
        if (line.path("attempt").asLong() != attempt) {
            attempt = line.path("attempt").asLong();
            file.add(Event.restart(now(), line.path("step").asLong()));
        }
        Map<String, Double> values = new LinkedHashMap<>();
        for (String key : new String[] {"loss", "tokens-per-second", "learning-rate", "seconds"}) {
            values.put("run/" + key, line.path(key).asDouble());
        }
        for (JsonNode level : line.path("levels")) {
            for (String key : new String[] {"gradient-norm", "bytes-sent"}) {
                values.put(
                        "level-" + level.path("level").asInt() + "/" + key,
                        level.path(key).asDouble());
            }
        }
        scalars(line, values);
    }

    private void scalars(ObjectNode line, Map<String, Double> values) throws IOException {
        file.add(Event.scalars(now(), line.path("step").asLong(), values));
        if (clock.millis() - flushedMillis >= FLUSH_MILLIS) {
            file.flush();
            flushedMillis = clock.millis();
        }
        if (showsWhenClosed && clock.millis() - begunMillis >= FILE_MILLIS) {
            file.close();
            file = begin();
        }
    }

    private double now() {
        return clock.millis() * 1e-3;
    }

    @Override
    public synchronized void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
