package org.hopespark.jobs.tensorboard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.hopespark.files.WholeFile;
import org.hopespark.jobs.run.MetricsSink;
import org.hopespark.jobs.run.RunEvent;

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
    public synchronized void add(RunEvent event) {
        try {
            if (event instanceof RunEvent.StepDone step) {
                step(step);
            } else if (event instanceof RunEvent.Validation validation) {
                scalars(
                        validation.step(),
                        Map.of(
                                "validation/loss", validation.loss(),
                                "validation/bits-per-byte", validation.bitsPerByte()));
            } else if (event instanceof RunEvent.TaskScored scored) {
                scalars(scored.step(), Map.of(scored.task() + "/" + scored.metric(), scored.value()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void step(RunEvent.StepDone done) throws IOException {
        if (done.attempt() != attempt) {
            attempt = done.attempt();
            file.add(Event.restart(now(), done.step()));
        }
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("run/loss", done.loss());
        values.put("run/tokens-per-second", done.tokensPerSecond());
        values.put("run/learning-rate", done.learningRate());
        values.put("run/seconds", done.seconds());
        for (RunEvent.LevelDone level : done.levels()) {
            values.put("level-" + level.level() + "/gradient-norm", level.gradientNorm());
            values.put("level-" + level.level() + "/bytes-sent", (double) level.bytesSent());
        }
        scalars(done.step(), values);
    }

    private void scalars(long step, Map<String, Double> values) throws IOException {
        file.add(Event.scalars(now(), step, values));
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
