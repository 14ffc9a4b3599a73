package org.hopespark.jobs.evaluate;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.jobs.run.TextFiles;

/** Finished cells, one JSON file each, so that a sweep that is started again resumes where it stopped. */
final class Journal {
    private static final Logger LOG = LogManager.getLogger(Journal.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final TextFiles text;

    Journal(Path folder, TextFiles text) {
        this.folder = folder;
        this.text = text;
    }

    Optional<FinishedCell> find(String key) throws IOException {
        Path file = file(key);
        if (!text.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(text.read(file), FinishedCell.class));
        } catch (JacksonException e) {
            LOG.warn("{} is damaged; its cell is run again: {}", file, e.getOriginalMessage());
            return Optional.empty();
        }
    }

    void add(FinishedCell cell) throws IOException {
        text.write(
                file(cell.hashes().key()), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(cell) + "\n");
    }

    /**
     * Cells of other checkpoints, tasks or settings that have finished in this folder, such as "arc_easy on step-8".
     */
    List<String> others(Set<String> keys) throws IOException {
        List<String> others = new ArrayList<>();
        if (text.exists(folder)) {
            for (FileStatus file : text.fileSystem(folder).listStatus(folder)) {
                String key = file.getPath().getName().replaceFirst("\\.json$", "");
                if (!keys.contains(key)) {
                    find(key).ifPresent(other -> others.add(other.cell().toString()));
                }
            }
        }
        return others.stream().distinct().sorted().toList();
    }

    private Path file(String key) {
        return new Path(folder, key + ".json");
    }
}
