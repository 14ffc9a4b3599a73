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
import org.hopespark.jobs.report.MetricsSink;

/**
 * The steps of a run as scalars of TensorBoard: a file for every start of the command, in the run's
 * {@code tensorboard/} ({@code tensorboard --logdir RUNS}). An attempt that repeats steps takes them back.
 */
public final class TensorBoardLog implements MetricsSink, AutoCloseable {
    private static final long FLUSH_MILLIS = 5_000;

    private final EventFile file;
    private final InstantSource clock;
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
        this.clock = clock;
        // two starts in one second must not meet in one file
        long millis = clock.millis();
        String name = String.format("events.out.tfevents.%010d.hope-%03d", millis / 1000, millis % 1000);
        try {
            file = new EventFile(new Path(folder, name), hadoop);
            file.add(Event.version(now()));
            file.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
