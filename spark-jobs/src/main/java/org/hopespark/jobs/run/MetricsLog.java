package org.hopespark.jobs.run;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.conf.UserException;
import org.hopespark.files.LineLog;
import org.hopespark.files.WholeFile;
import org.hopespark.text.Secrets;

/**
 * A run's {@code metrics.jsonl}, the source of truth of every report: one event a line, on disk when {@link #add}
 * returns, and safe from a loss of power when a checkpoint is.
 *
 * <p>Opening the file of an earlier attempt cuts off a line that was being written when it died.
 */
public final class MetricsLog implements MetricsSink, AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(MetricsLog.class);

    private final LineLog lines;
    private final List<MetricsSink> followers = new ArrayList<>();

    public MetricsLog(String location, Configuration hadoop) {
        Path path = new Path(location);
        try {
            lines = new LineLog(WholeFile.system(path, hadoop), path, MetricsLog::isJson);
        } catch (IOException e) {
            throw new UserException("cannot write the run's metrics to " + location + ": " + e.getMessage(), e);
        }
    }

    private static boolean isJson(String line) {
        try {
            JsonNode node = RunJson.MAPPER
                    .reader()
                    .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(line);
            return node.isObject();
        } catch (IOException e) {
            return false;
        }
    }

    /** Gives every event from now on to a follower, too, whose mistakes do not stop the run. */
    public synchronized void follow(MetricsSink follower) {
        followers.add(follower);
    }

    @Override
    public synchronized void add(RunEvent event) {
        try {
            lines.add(Secrets.hidden(RunEvents.write(event)));
            if (event instanceof RunEvent.CheckpointSaved) {
                lines.sync();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (MetricsSink follower : followers) {
            try {
                follower.add(event);
            } catch (RuntimeException e) {
                LOG.warn("an event of the run was not shown: {}", event, e);
            }
        }
    }

    @Override
    public void close() {
        try {
            lines.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
