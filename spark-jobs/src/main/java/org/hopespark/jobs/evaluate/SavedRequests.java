package org.hopespark.jobs.evaluate;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.jobs.run.TextFiles;
import org.hopespark.model.eval.RequestCache;

/**
 * A model's answers in a folder, a JSON object of requests and answers a file: a cell that is cut off, or asked for
 * more documents, resumes where it was. A folder that cannot be read or written costs time, never a cell.
 */
final class SavedRequests implements RequestCache, AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(SavedRequests.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<Map<String, String>> ANSWERS = new TypeReference<>() {};
    private static final long NANOS_BETWEEN_FILES = 30_000_000_000L;

    private final Path folder;
    private final TextFiles text;
    private final Map<String, String> known = new HashMap<>();
    private final Map<String, String> fresh = new HashMap<>();
    private long written = System.nanoTime();

    SavedRequests(Path folder, TextFiles text) {
        this.folder = folder;
        this.text = text;
        try {
            if (text.exists(folder)) {
                for (FileStatus file : text.fileSystem(folder).listStatus(folder)) {
                    read(file.getPath());
                }
            }
        } catch (IOException e) {
            LOG.warn("answers in {} cannot be read; all requests are repeated", folder, e);
        }
    }

    private void read(Path file) throws IOException {
        if (!file.getName().endsWith(".json")) {
            return;
        }
        try {
            known.putAll(JSON.readValue(text.read(file), ANSWERS));
        } catch (JacksonException e) {
            LOG.warn("{} is damaged; its requests are repeated: {}", file, e.getOriginalMessage());
        }
    }

    @Override
    public Optional<String> find(String request) {
        return Optional.ofNullable(known.get(request));
    }

    @Override
    public void add(String request, String answer) {
        known.put(request, answer);
        fresh.put(request, answer);
        if (System.nanoTime() - written > NANOS_BETWEEN_FILES) {
            write();
        }
    }

    private void write() {
        if (!fresh.isEmpty()) {
            try {
                text.write(new Path(folder, UUID.randomUUID() + ".json"), JSON.writeValueAsString(fresh));
            } catch (IOException e) {
                LOG.warn("answers cannot be kept in {}", folder, e);
            }
        }
        fresh.clear();
        written = System.nanoTime();
    }

    @Override
    public void close() {
        write();
    }
}
