package org.hopespark.data.shard;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.hopespark.data.io.Json;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.InputFile;
import org.hopespark.data.source.SourceFile;

/**
 * The hashes of input files that an earlier run has read, so that a nightly job reads only what has come since. A file
 * counts as the same while its path, length and time of writing are.
 */
public final class SeenInputs {
    private final Path place;
    private final Storage storage;
    private final Map<String, Seen> files;

    private record Seen(long bytes, long modified, String sha256) {}

    private record All(Map<String, Seen> files) {}

    private SeenInputs(Path place, Storage storage, Map<String, Seen> files) {
        this.place = place;
        this.storage = storage;
        this.files = new TreeMap<>(files);
    }

    /** Nothing yet of a data set's folder: every file is read. */
    public static SeenInputs none(DataSetFolder folder) {
        return new SeenInputs(place(folder), folder.storage(), Map.of());
    }

    private static Path place(DataSetFolder folder) {
        return new Path(folder.uri(), "_work/inputs.json");
    }

    /** What the runs on a data set's folder have seen. */
    public static SeenInputs of(DataSetFolder folder) {
        Path place = place(folder);
        Storage storage = folder.storage();
        return new SeenInputs(
                place,
                storage,
                storage.unfinished(place, All.class).map(All::files).orElse(Map.of()));
    }

    /** The identity of a file that is as it was. */
    public Optional<SourceFile> source(InputFile file) {
        Seen seen = files.get(file.path());
        return seen != null && !seen.sha256.isEmpty() && seen.bytes == file.bytes() && seen.modified == file.modified()
                ? Optional.of(file.source(seen.sha256))
                : Optional.empty();
    }

    /** Notes what was read now. */
    public void add(InputFile file, SourceFile source) {
        files.put(file.path(), new Seen(file.bytes(), file.modified(), source.sha256()));
    }

    /** Keeps the notes for the next run. */
    public void save() {
        storage.publish(place, Json.write(new All(files)));
    }
}
