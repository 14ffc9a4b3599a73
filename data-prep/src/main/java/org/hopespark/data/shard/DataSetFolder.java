package org.hopespark.data.shard;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Json;
import org.hopespark.data.io.Storage;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.data.tokenizer.TokenizerInfo;
import org.hopespark.data.tokenizer.Tokenizers;
import org.hopespark.files.WholeFile;

/**
 * The folder of one data set while it is made: shards, the journal of finished lanes, and last the manifest.
 *
 * <p>A lane is finished when its journal entry and its shard are there, so a relaunch makes only the others.
 *
 * @param uri the folder
 * @param storage how to reach it
 */
public record DataSetFolder(String uri, Storage storage) implements Serializable {
    private static final String MANIFEST = "manifest.json";
    private static final String HASH = "manifest.json.sha256";
    private static final String COUNTS = "counts.json";
    private static final String WORK = "_work";
    private static final String SETTINGS = "settings.yaml";
    private static final String BAD = "_bad/rows.jsonl";

    public DataSetFolder {
        uri = storage.qualified(uri);
    }

    private Path path(String name) {
        return new Path(uri, name);
    }

    private Path work(String name) {
        return new Path(path(WORK), name);
    }

    public Path shard(Shard shard) {
        return path(shard.path());
    }

    /** Whether there is a whole data set, of whatever recipe. */
    boolean isFinished() {
        return storage.exists(path(MANIFEST));
    }

    /** Copies the file that a tokenizer is read from, so that the ids can be read wherever the data set goes. */
    public void keepTokenizer(String name) {
        Tokenizers.file(name).ifPresent(place -> {
            Path copy = path(new Path(place).getName());
            if (!storage.exists(copy)) {
                try {
                    storage.publish(copy, storage.read(new Path(place)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
    }

    /** What the ids stand for. */
    public Tokenizer tokenizer(TokenizerInfo info) {
        return Tokenizers.open(info, uri, storage);
    }

    /** The content of the file that the tokenizer is read from, by its name; empty if it is in the jar. */
    public Map<String, byte[]> tokenizerFile(TokenizerInfo info) {
        return Tokenizers.content(info, uri, storage);
    }

    /** Deletes the unfinished work of another recipe, which nothing refers to. */
    public void discardOther(Recipe recipe) {
        try {
            if (storage.exists(work("recipe.json"))
                    && storage.unfinished(work("recipe.json"), Recipe.class)
                            .filter(recipe::equals)
                            .isEmpty()) {
                storage.fileSystem(path(MANIFEST)).delete(new Path(uri), true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How often each id and byte occurs; empty if an older version has made the data set. */
    Optional<TokenCounts> counts() {
        try {
            return storage.exists(path(COUNTS))
                    ? Optional.of(Json.read(storage.read(path(COUNTS)), TokenCounts.class))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Refuses a folder that holds what was made, or is being made, with other settings; input files may be others,
     * since which they are is known only once they were hashed.
     *
     * @throws UserException that names the settings
     */
    public void requireSettings(Recipe recipe) {
        if (storage.exists(path(MANIFEST))) {
            Recipe there = manifest().recipe();
            refuseOther(recipe.with(there.sources()), there, "a different data set");
        }
        storage.unfinished(work("recipe.json"), Recipe.class)
                .ifPresent(there -> refuseOther(
                        recipe.with(there.sources()), there, "the unfinished work of a different data set"));
    }

    /** The manifest of a folder that holds a data set of this recipe with all its shards. */
    public Optional<Manifest> finished(Recipe recipe) {
        if (!storage.exists(path(MANIFEST))) {
            return Optional.empty();
        }
        Manifest manifest = manifest();
        refuseOther(recipe, manifest.recipe(), "a different data set");
        boolean whole = manifest.shards().stream().allMatch(shard -> storage.hasLength(shard(shard), shard.bytes()));
        return whole ? Optional.of(manifest) : Optional.empty();
    }

    /** The recipe of the data set that is here, whole or not. */
    public Optional<Recipe> recipe() {
        return isFinished() ? Optional.of(manifest().recipe()) : Optional.empty();
    }

    /**
     * The settings that made the data set, for {@code data repair}: they name places, so the manifest cannot have them.
     */
    public Optional<String> settings() {
        try {
            return storage.exists(work(SETTINGS))
                    ? Optional.of(new String(storage.read(work(SETTINGS)), StandardCharsets.UTF_8))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keeps the settings. */
    public void keepSettings(String yaml) {
        storage.publish(work(SETTINGS), yaml.getBytes(StandardCharsets.UTF_8));
    }

    /** Moves a damaged shard out of the way, for people to look at; one that is missing is no matter. */
    public void setAside(Shard shard) {
        try {
            if (storage.exists(shard(shard))) {
                storage.move(shard(shard), work("damaged/" + shard.path()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes the folder for this recipe, or finds that it was taken for it before. */
    public void claim(Recipe recipe) {
        try {
            Optional<Recipe> other = storage.unfinished(work("recipe.json"), Recipe.class);
            if (other.isPresent()) {
                refuseOther(recipe, other.get(), "the unfinished work of a different data set");
            } else {
                deleteJournal();
                storage.publish(work("recipe.json"), recipe.toJson());
            }
            FileSystem files = storage.fileSystem(path(MANIFEST));
            files.delete(path(MANIFEST), false);
            for (FileStatus file : files.listStatus(path(WORK))) {
                // What an attempt left behind that was killed.
                if (file.getPath().getName().contains(".parquet.")) {
                    files.delete(file.getPath(), false);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of a work whose recipe is not known, as where a folder was deleted in part: its shards may be of another one. */
    private void deleteJournal() throws IOException {
        if (storage.exists(path(WORK))) {
            FileSystem files = storage.fileSystem(path(WORK));
            for (FileStatus file : files.listStatus(path(WORK))) {
                if (file.isFile()) {
                    files.delete(file.getPath(), false);
                }
            }
            WholeFile.syncFolder(files, path(WORK));
        }
    }

    private void refuseOther(Recipe recipe, Recipe other, String what) {
        List<String> differences = recipe.differencesFrom(other);
        if (!differences.isEmpty()) {
            throw new UserException("the output " + uri + " holds " + what + " (different: "
                    + String.join("; ", differences)
                    + "); choose another output or delete that folder (or --append, where only input files have come"
                    + " or changed)");
        }
    }

    /** The journal's entry of a lane whose shard is there. */
    public Optional<LaneEntry> entry(Recipe recipe, int lane) {
        Path journal = journal(recipe.packing(), lane);
        return storage.unfinished(journal, LaneEntry.class)
                .filter(entry ->
                        storage.hasLength(shard(entry.shard()), entry.shard().bytes()));
    }

    /** Forgets that lanes are finished, because what they hold is going to be something else. */
    public void reopen(Recipe recipe, Collection<Integer> lanes) {
        try {
            for (int lane : lanes) {
                Path journal = journal(recipe.packing(), lane);
                storage.fileSystem(journal).delete(journal, false);
            }
            WholeFile.syncFolder(storage.fileSystem(path(WORK)), path(WORK));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path journal(Packing packing, int lane) {
        return work(packing.fileOf(lane).replace(".parquet", ".json"));
    }

    /** Writes a lane under a name of this attempt's own, renames it, and enters it into the journal. */
    public LaneEntry writeLane(Recipe recipe, int lane, Iterator<TokenizedDocument> documents, String attempt) {
        String file = recipe.packing().fileOf(lane);
        Path temporary = work(file + "." + attempt);
        LaneEntry entry = new LaneWriter(recipe, storage).write(lane, documents, temporary);
        try {
            storage.move(temporary, path(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        storage.publish(journal(recipe.packing(), lane), Json.write(entry));
        return entry;
    }

    /** Where {@link #writeBad} writes. */
    public String badRows() {
        return path(BAD).toString();
    }

    /**
     * Writes down what could not be read, a line each.
     *
     * @param lines in their order
     * @param attempt of the task; no two have the same
     */
    public void writeBad(Iterator<byte[]> lines, String attempt) {
        Path file = path(BAD);
        Path temporary = new Path(file.getParent(), "." + file.getName() + "." + attempt);
        try {
            storage.fileSystem(file).delete(file, false);
            if (!lines.hasNext()) {
                return;
            }
            try (OutputStream out = storage.fileSystem(temporary).create(temporary, true)) {
                while (lines.hasNext()) {
                    out.write(lines.next());
                }
            }
            storage.move(temporary, file);
            storage.deleteHidden(file.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the manifest, which makes the folder a data set. */
    public Manifest finish(Recipe recipe, List<PartReport> reports) {
        List<LaneEntry> entries = new ArrayList<>();
        for (int lane = 0; lane < recipe.packing().allLanes(); lane++) {
            int missing = lane;
            entries.add(entry(recipe, lane)
                    .orElseThrow(() -> new IllegalStateException(
                            "lane " + missing + " of " + uri + " has no shard although its task ended")));
        }
        TokenCounts counts = TokenCounts.of(recipe, reports, entries);
        Manifest manifest = Manifest.of(recipe, reports, entries, counts);
        storage.publish(path(COUNTS), Json.write(counts));
        storage.publish(path(HASH), (manifest.sha256() + "  " + MANIFEST + "\n").getBytes(StandardCharsets.US_ASCII));
        storage.publish(path(MANIFEST), manifest.toJson());
        return manifest;
    }

    /** Reads the manifest of a finished data set and checks that nobody edited it. */
    public Manifest manifest() {
        if (!storage.exists(path(MANIFEST))) {
            throw new UserException(uri + " holds no data set: there is no " + MANIFEST
                    + " (prepare writes it last; run it again to finish, or name another folder)");
        }
        try {
            byte[] json = storage.read(path(MANIFEST));
            Manifest manifest = Manifest.fromJson(json);
            String found = DigestUtils.sha256Hex(json);
            String wanted = storage.exists(path(HASH))
                    ? new String(storage.read(path(HASH)), StandardCharsets.US_ASCII).split(" ", 2)[0].trim()
                    : "missing";
            if (!wanted.equals(found)) {
                throw new UserException(path(MANIFEST) + " was changed after it was written: its SHA-256 is " + found
                        + ", and " + HASH + " says " + wanted
                        + "; restore it, or delete it and run prepare again with the same settings");
            }
            return manifest;
        } catch (IOException | IllegalArgumentException e) {
            throw new UserException(
                    path(MANIFEST) + " cannot be read: " + e.getMessage()
                            + "; restore it, or delete it and run prepare again with the same settings",
                    e);
        }
    }
}
