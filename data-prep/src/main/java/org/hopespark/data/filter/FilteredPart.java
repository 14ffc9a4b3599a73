package org.hopespark.data.filter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.hopespark.data.filter.Stage.Keep;
import org.hopespark.data.filter.Stage.Remove;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.CorruptInputException;
import org.hopespark.data.source.Document;
import org.hopespark.data.source.DocumentReader;
import org.hopespark.data.source.InputPart;
import org.hopespark.data.source.Texts;

/** The documents of one part, of one file or of several, that pass the stages; one document is in memory at a time. */
public final class FilteredPart implements Iterator<Document>, AutoCloseable {
    /** Why a row is left out that cannot be read. */
    public static final String CORRUPT = "corrupt";

    private static final int EXAMPLES = 5;

    /** Sees what does not pass. */
    public interface Removals {
        /** Sees nothing. */
        Removals NONE = new Removals() {
            @Override
            public void removed(Document document, String stage, String reason) {}

            @Override
            public void unreadable(CorruptInputException problem) {}
        };

        /** A stage has taken a document out. */
        void removed(Document document, String stage, String reason);

        /** A row, or the rest of a file, is no document. */
        void unreadable(CorruptInputException problem);
    }

    private final Iterator<InputPart> pieces;
    private InputPart part;
    private final Storage storage;
    private final List<Stage> stages;
    private final long maxBad;
    private final Removals removals;
    private final StageCount[] counts;
    private final List<String> badExamples = new ArrayList<>();
    private StageCount read = StageCount.none("read");
    private long bad;
    private boolean ended;
    private Optional<DocumentReader> reader = Optional.empty();
    private Optional<Document> next = Optional.empty();

    /**
     * A part and what its documents have to pass.
     *
     * @param maxBad rows that may be unreadable; one more is thrown
     */
    public FilteredPart(InputPart part, Storage storage, List<Stage> stages, long maxBad, Removals removals) {
        this(List.of(part), storage, stages, maxBad, removals);
    }

    /** The same of some pieces that are read one after the other; there must be one. */
    public FilteredPart(List<InputPart> pieces, Storage storage, List<Stage> stages, long maxBad, Removals removals) {
        this.pieces = pieces.iterator();
        part = this.pieces.next();
        this.storage = storage;
        this.stages = List.copyOf(stages);
        this.maxBad = maxBad;
        this.removals = removals;
        counts = stages.stream().map(Stage::name).map(StageCount::none).toArray(StageCount[]::new);
    }

    @Override
    public boolean hasNext() {
        while (next.isEmpty() && advance()) {
            // until a document passes
        }
        return next.isPresent();
    }

    /** Reads one row, whatever comes of it; false at the end. */
    public boolean advance() {
        if (next.isEmpty() && !ended) {
            next = readDocument().flatMap(this::filter);
        }
        return next.isPresent() || !ended;
    }

    @Override
    public Document next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return taken().orElseThrow();
    }

    /** The document that {@link #advance} has come to, if it is one. */
    public Optional<Document> taken() {
        Optional<Document> document = next;
        next = Optional.empty();
        return document;
    }

    private Optional<Document> readDocument() {
        try {
            if (reader.isEmpty()) {
                reader = Optional.of(DocumentReader.open(part, storage));
            }
            Optional<Document> document = reader.get().next();
            if (document.isEmpty()) {
                endPiece();
            }
            if (document.isPresent() && document.get().text().isEmpty()) {
                read = read.removed("empty");
                removals.removed(document.get(), "read", "empty");
                return Optional.empty();
            }
            document.ifPresent(
                    found -> Texts.requireWords(part.file().path() + ", document " + found.id(), found.text()));
            read = document.isPresent() ? read.kept() : read;
            return document;
        } catch (CorruptInputException e) {
            boolean isCounted =
                    reader.isEmpty() && part.index() > 0; // by the first part of a file that cannot be opened
            if (e.endsFile()) {
                endPiece();
            }
            if (isCounted) {
                return Optional.empty();
            }
            note(e);
            read = read.removed(CORRUPT, e.rows());
            removals.unreadable(e);
            return Optional.empty();
        }
    }

    private void note(CorruptInputException problem) {
        bad += problem.rows();
        if (bad > maxBad) {
            throw problem;
        }
        if (badExamples.size() < EXAMPLES) {
            badExamples.add(problem.place() + ": " + problem.problem());
        }
    }

    /** Takes back the document that was {@link #taken} last: what comes behind the stages cannot use it. */
    public void takeBack(Document document, String why) {
        CorruptInputException problem =
                CorruptInputException.row(part.file().path() + ", document " + document.id(), why);
        note(problem);
        if (counts.length == 0) {
            read = read.takenBack(CORRUPT);
        } else {
            counts[counts.length - 1] = counts[counts.length - 1].takenBack(CORRUPT);
        }
        removals.unreadable(problem);
    }

    private void endPiece() {
        close();
        reader = Optional.empty();
        ended = !pieces.hasNext();
        if (!ended) {
            part = pieces.next();
        }
    }

    private Optional<Document> filter(Document document) {
        Document current = document;
        for (int i = 0; i < counts.length; i++) {
            Stage.Outcome outcome = stages.get(i).apply(current);
            if (outcome instanceof Remove removed) {
                counts[i] = counts[i].removed(removed.reason());
                removals.removed(current, stages.get(i).name(), removed.reason());
                return Optional.empty();
            }
            Document kept = ((Keep) outcome).document();
            counts[i] = kept.equals(current) ? counts[i].kept() : counts[i].keptChanged();
            current = kept;
        }
        return Optional.of(current);
    }

    /** Reading first, then each stage; complete once {@link #hasNext} is false. */
    public List<StageCount> counts() {
        List<StageCount> all = new ArrayList<>(List.of(read));
        all.addAll(List.of(counts));
        return all;
    }

    /** Rows that could not be read. */
    public long bad() {
        return bad;
    }

    /** The first of them, as messages. */
    public List<String> badExamples() {
        return badExamples;
    }

    @Override
    public void close() {
        try {
            if (reader.isPresent()) {
                reader.get().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
