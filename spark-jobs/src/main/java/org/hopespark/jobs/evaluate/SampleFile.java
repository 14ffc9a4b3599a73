package org.hopespark.jobs.evaluate;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.UUID;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.hopespark.files.WholeFile;
import org.hopespark.jobs.run.TextFiles;
import org.hopespark.model.eval.LoggedSample;
import org.hopespark.model.eval.SampleLog;

/** The documents of one cell with what the model answered, a JSON line each; there once it is published. */
final class SampleFile implements SampleLog, AutoCloseable {
    private final FileSystem files;
    private final Path path;
    private final Path unfinished;
    private final BufferedWriter out;
    private long documents;

    SampleFile(Path path, TextFiles text) throws IOException {
        this.path = path;
        files = text.fileSystem(path);
        unfinished = new Path(Objects.requireNonNull(path.getParent()), "_unfinished-" + UUID.randomUUID());
        out = new BufferedWriter(new OutputStreamWriter(files.create(unfinished), StandardCharsets.UTF_8));
    }

    @Override
    public void add(LoggedSample sample) {
        try {
            out.write(sample.line(documents++).toString());
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + path, e);
        }
    }

    void publish() throws IOException {
        out.close();
        WholeFile.publish(files, unfinished, path);
    }

    @Override
    public void close() throws IOException {
        out.close();
        files.delete(unfinished, false);
    }
}
