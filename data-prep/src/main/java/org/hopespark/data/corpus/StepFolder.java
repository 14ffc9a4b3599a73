package org.hopespark.data.corpus;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.conf.UserException;
import org.hopespark.data.filter.FilteredPart;
import org.hopespark.data.filter.Stage;
import org.hopespark.data.filter.StageCount;
import org.hopespark.data.io.Json;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.CanonicalFooter;
import org.hopespark.data.source.CorruptInputException;
import org.hopespark.data.source.Document;
import org.hopespark.data.source.InputFile;
import org.hopespark.data.source.InputPart;
import org.hopespark.files.WholeFile;

/**
 * Where one step of the corpus pipeline keeps what it made: {@code kept/} and {@code removed/} with a Parquet file a
 * part, {@code parts/} with an entry for each part that is done, and, last of all, {@code step.json}.
 *
 * @param uri the folder
 * @param storage how to reach it
 */
public record StepFolder(String uri, Storage storage) implements Serializable {
    /** Between the hashes of the inputs and of what earlier runs have kept. */
    private static final String AFTER = " after ";

    private static final String RECORD = "step.json";
    private static final String CLAIM = "claim.json";
    private static final byte[] PARQUET_MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

    /** Parts that are looked into for examples. */
    private static final int MOST_EXAMPLE_PARTS = 8;

    /** Whose work lies in a folder. */
    private record Claim(String step, String before, int parts) {}

    public StepFolder {
        uri = storage.qualified(uri);
    }

    private Path path(String name) {
        return new Path(uri, name);
    }

    private static String part(int index) {
        return String.format(Locale.ROOT, "part-%05d", index);
    }

    /** What the step keeps of a part, as the input of the next step. */
    public InputPart kept(int index) {
        Path file = path("kept/" + part(index) + ".parquet");
        try {
            return new InputPart(
                    new InputFile(
                            file.toString(),
                            part(index),
                            Format.PARQUET,
                            Input.at(file.toString()),
                            storage.status(file).getLen(),
                            storage.status(file).getModificationTime(),
                            ""),
                    0,
                    1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many parts the step was claimed with; empty if it was not. */
    public OptionalInt claimedParts() {
        return storage.unfinished(path(CLAIM), Claim.class).stream()
                .mapToInt(Claim::parts)
                .findFirst();
    }

    /** The folder of what the step keeps. */
    public String kept() {
        return path("kept").toString();
    }

    /**
     * Takes the folder for a step, or finds it taken for the same one.
     *
     * @return the record, if the step is finished
     */
    public Optional<StepRecord> claim(String step, String before, int parts) {
        Claim wanted = new Claim(step, before, parts);
        try {
            Optional<Claim> found = storage.unfinished(path(CLAIM), Claim.class);
            if (found.isPresent() && !found.get().equals(wanted)) {
                throw new UserException(uri + " holds the work of another step ("
                        + (found.get().step.equals(step) ? "its inputs were others" : found.get().step)
                        + "); choose another output or delete that folder");
            }
            if (found.isEmpty()) {
                if (storage.exists(path(CLAIM))) {
                    // whose parts these are is not known
                    storage.fileSystem(path(CLAIM)).delete(path("parts"), true);
                    storage.fileSystem(path(CLAIM)).delete(path(RECORD), false);
                    WholeFile.syncFolder(
                            storage.fileSystem(path(CLAIM)), path(CLAIM).getParent());
                }
                storage.publish(path(CLAIM), Json.write(wanted));
            }
            return storage.unfinished(path(RECORD), StepRecord.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What came before this step when it was finished, if that was as now but for what earlier runs had kept: runs that
     * have followed since are none of its business.
     *
     * @param inputs hash of the inputs
     */
    public Optional<String> finishedAfter(String step, String inputs, int parts) {
        return storage.unfinished(path(CLAIM), Claim.class)
                .filter(claim -> claim.step.equals(step) && claim.parts == parts)
                .map(Claim::before)
                .filter(before -> before.equals(inputs) || before.startsWith(inputs + AFTER))
                .filter(before ->
                        storage.unfinished(path(RECORD), StepRecord.class).isPresent());
    }

    /** What {@link #claim} is given as the step before a first one. */
    public static String before(String inputs, Optional<String> earlier) {
        return inputs + earlier.map(kept -> AFTER + kept).orElse("");
    }

    /** The entry of a part that is done. */
    public Optional<PartEntry> entry(int index) {
        return isWhole(path("kept/" + part(index) + ".parquet"))
                ? storage.unfinished(path("parts/" + part(index) + ".json"), PartEntry.class)
                : Optional.empty();
    }

    /** Whether a Parquet file is there up to its last bytes. */
    private boolean isWhole(Path parquet) {
        try {
            if (!storage.exists(parquet)) {
                return false;
            }
            long length = storage.status(parquet).getLen();
            byte[] end = new byte[PARQUET_MAGIC.length];
            if (length < end.length) {
                return false;
            }
            try (FSDataInputStream in = storage.open(parquet)) {
                in.readFully(length - end.length, end);
            }
            return Arrays.equals(end, PARQUET_MAGIC);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes one part: what passes the stages and is selected.
     *
     * @param part what it is read from, one piece after the other
     * @param attempt of the task; no two have the same
     */
    public void write(
            int index, List<InputPart> part, List<Stage> stages, Selection selection, long maxBad, String attempt) {
        Path kept = path("kept/." + part(index) + "." + attempt);
        Path removed = path("removed/." + part(index) + "." + attempt);
        try {
            Written written = write(part, stages, selection, maxBad, kept, removed);
            String sha256 = publish(kept, path("kept/" + part(index) + ".parquet"));
            publish(removed, path("removed/" + part(index) + ".parquet"));
            PartEntry entry =
                    new PartEntry(index, written.counts, written.sources, sha256, written.bad, written.badExamples);
            storage.publish(path("parts/" + part(index) + ".json"), Json.write(entry));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Written(List<StageCount> counts, List<SourceCount> sources, long bad, List<String> badExamples) {}

    private Written write(
            List<InputPart> part, List<Stage> stages, Selection selection, long maxBad, Path kept, Path removed)
            throws IOException {
        try (Writing writing = new Writing(kept, removed);
                FilteredPart documents = new FilteredPart(part, storage, stages, maxBad, writing)) {
            long row = 0;
            Optional<StageCount> selected = selection.counts();
            while (documents.hasNext()) {
                Selection.Verdict verdict = selection.of(row++, documents.next());
                if (verdict.copies() == 0) {
                    writing.removed(
                            verdict.document(), selected.map(StageCount::name).orElse(""), verdict.reason());
                }
                for (int copy = 1; copy <= verdict.copies(); copy++) {
                    writing.keep(
                            copy == 1 ? verdict.document() : verdict.document().copy(copy));
                }
                writing.count(verdict.document(), verdict.copies());
                selected = selected.map(count -> count.selected(verdict.copies(), verdict.reason()));
            }
            List<StageCount> counts = new ArrayList<>(documents.counts());
            selected.ifPresent(counts::add);
            return new Written(counts, writing.sources(), documents.bad(), documents.badExamples());
        }
    }

    private String publish(Path unordered, Path file) throws IOException {
        Path ordered = unordered.suffix(".ordered");
        String sha256 = CanonicalFooter.copy(unordered, ordered, storage);
        storage.fileSystem(unordered).delete(unordered, false);
        storage.move(ordered, file);
        return sha256;
    }

    /** Writes the record, which makes the step finished. */
    public StepRecord finish(String step, String before, int parts) {
        List<PartEntry> entries = new ArrayList<>();
        for (int index = 0; index < parts; index++) {
            String missing = part(index) + " of " + uri + " is not there although its task ended";
            entries.add(entry(index).orElseThrow(() -> new IllegalStateException(missing)));
        }
        for (String folder : List.of("kept", "removed", "duplicates")) {
            storage.deleteHidden(path(folder));
        }
        StepRecord record = StepRecord.of(step, before, entries);
        storage.publish(path(RECORD), Json.write(record));
        return record;
    }

    /** Examples of what the step has removed, a few for each reason, from its first parts. */
    public List<Removed> removed(int parts, int each) {
        Map<String, List<Removed>> byReason = new TreeMap<>();
        for (int index = 0; index < Math.min(parts, MOST_EXAMPLE_PARTS); index++) {
            Path file = path("removed/" + part(index) + ".parquet");
            try (RemovedReader reader = new RemovedReader(file, storage)) {
                for (Optional<Removed> next = reader.next(); next.isPresent(); next = reader.next()) {
                    Removed found = next.get();
                    List<Removed> some = byReason.computeIfAbsent(
                            found.stage() + "\n" + found.reason(), reason -> new ArrayList<>());
                    if (some.size() < each) {
                        some.add(found);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return byReason.values().stream().flatMap(List::stream).toList();
    }

    /**
     * A document that was removed.
     *
     * @param stage that has removed it
     * @param reason why
     * @param document itself
     */
    public record Removed(String stage, String reason, Document document) {}

    /** Writes down which rows of a part are duplicates, and of which documents; both ascending by row. */
    public void writeDuplicates(int index, Iterator<Duplicates.Pair> pairs, String attempt) {
        Path temporary = path("duplicates/." + part(index) + "." + attempt);
        try {
            try (DataOutputStream out = storage.fileSystem(temporary).create(temporary, true)) {
                while (pairs.hasNext()) {
                    Duplicates.Pair pair = pairs.next();
                    out.writeLong(pair.document());
                    out.writeLong(pair.original());
                }
            }
            storage.move(temporary, path("duplicates/" + part(index)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What {@link #writeDuplicates} wrote. */
    public Duplicates duplicates(int index, String name) {
        Path file = path("duplicates/" + part(index));
        try (DataInputStream in = storage.open(file)) {
            int count = Math.toIntExact(storage.status(file).getLen() / (2 * Long.BYTES));
            int[] rows = new int[count];
            long[] originals = new long[count];
            for (int i = 0; i < count; i++) {
                rows[i] = Duplicates.row(in.readLong());
                originals[i] = in.readLong();
            }
            return new Duplicates(name, rows, originals);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The SHA-256 of the lists of duplicates, by part: an empty list may be right, or cut. */
    private record DuplicateLists(List<String> sha256) {}

    /** Whether the duplicates of so many parts are written down, and are as they were written. */
    public boolean knowsDuplicates(int parts) {
        return storage.unfinished(path("duplicates/all"), DuplicateLists.class)
                .filter(lists -> lists.equals(duplicateLists(parts)))
                .isPresent();
    }

    /** The duplicates of so many parts, which are all, are written down. */
    public void duplicatesAreKnown(int parts) {
        storage.publish(path("duplicates/all"), Json.write(duplicateLists(parts)));
    }

    private DuplicateLists duplicateLists(int parts) {
        List<String> hashes = new ArrayList<>();
        try {
            for (int index = 0; index < parts; index++) {
                Path list = path("duplicates/" + part(index));
                hashes.add(storage.exists(list) ? storage.sha256(list) : "");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new DuplicateLists(hashes);
    }

    /** The two files of a part. */
    private final class Writing implements FilteredPart.Removals, AutoCloseable {
        private final DocumentWriter kept;
        private final DocumentWriter removed;
        private final Map<String, SourceCount> counts = new TreeMap<>();

        Writing(Path kept, Path removed) throws IOException {
            this.kept = new DocumentWriter(kept, storage);
            this.removed = new DocumentWriter(removed, storage);
        }

        void keep(Document document) throws IOException {
            kept.keep(document);
        }

        @Override
        public void removed(Document document, String stage, String reason) {
            try {
                removed.remove(document.with("stage", stage), reason);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void unreadable(CorruptInputException problem) {
            String told = problem.place() + ": " + problem.problem();
            removed(new Document("", "", "").with("problem", told), "read", FilteredPart.CORRUPT);
        }

        void count(Document document, int copies) {
            String source = SourceCount.nameOf(document);
            long bytes = document.text().getBytes(StandardCharsets.UTF_8).length;
            SourceCount count =
                    new SourceCount(source, 1, bytes, copies, copies * bytes, Profile.of(document, bytes, copies));
            counts.merge(source, count, SourceCount::plus);
        }

        List<SourceCount> sources() {
            return List.copyOf(counts.values());
        }

        @Override
        public void close() throws IOException {
            try (kept) {
                removed.close();
            }
        }
    }
}
