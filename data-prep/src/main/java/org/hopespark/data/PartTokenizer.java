package org.hopespark.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.hopespark.data.Stage.Keep;
import org.hopespark.data.Stage.Remove;

/** Reads one part of a file, runs the stages and tokenizes; one document is in memory at a time. */
public final class PartTokenizer implements Iterator<TokenizedDocument>, AutoCloseable {
    private static final int EXAMPLES = 5;

    private final InputPart part;
    private final Storage storage;
    private final List<Stage> stages;
    private final Tokenizer tokenizer;
    private final Packing packing;
    private final IntPredicate laneIsWanted;
    private final long maxBad;

    private StageCount read = StageCount.none("read");
    private final StageCount[] counts;
    private final long[] trainingBytes = new long[256];
    private final long[] validationBytes = new long[256];
    private final List<String> badExamples = new ArrayList<>();
    private long documents;
    private long bad;
    private boolean ended;
    private Optional<DocumentReader> reader = Optional.empty();
    private Optional<TokenizedDocument> next = Optional.empty();

    /** @param laneIsWanted documents of other lanes are counted but not tokenized */
    public PartTokenizer(
            InputPart part,
            Storage storage,
            List<Stage> stages,
            Tokenizer tokenizer,
            Packing packing,
            IntPredicate laneIsWanted,
            long maxBad) {
        this.part = part;
        this.storage = storage;
        this.stages = List.copyOf(stages);
        this.tokenizer = tokenizer;
        this.packing = packing;
        this.laneIsWanted = laneIsWanted;
        this.maxBad = maxBad;
        counts = stages.stream().map(Stage::name).map(StageCount::none).toArray(StageCount[]::new);
    }

    @Override
    public boolean hasNext() {
        while (next.isEmpty() && !ended) {
            readDocument().flatMap(this::filter).ifPresent(this::tokenize);
        }
        return next.isPresent();
    }

    @Override
    public TokenizedDocument next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        TokenizedDocument document = next.orElseThrow();
        next = Optional.empty();
        return document;
    }

    private Optional<Document> readDocument() {
        try {
            if (reader.isEmpty()) {
                reader = Optional.of(DocumentReader.open(part, storage));
            }
            Optional<Document> document = reader.get().next();
            ended = document.isEmpty();
            if (document.isPresent() && document.get().text().isEmpty()) {
                read = read.removed("empty");
                return Optional.empty();
            }
            read = document.isPresent() ? read.kept() : read;
            return document;
        } catch (CorruptInputException e) {
            ended = e.endsFile();
            if (reader.isEmpty() && part.index() > 0) {
                return Optional.empty(); // the first part counts a file that cannot be opened
            }
            bad++;
            if (bad > maxBad) {
                throw e;
            }
            if (badExamples.size() < EXAMPLES) {
                badExamples.add(String.valueOf(e.getMessage()));
            }
            read = read.removed("corrupt");
            return Optional.empty();
        }
    }

    private Optional<Document> filter(Document document) {
        Document current = document;
        for (int i = 0; i < counts.length; i++) {
            Stage.Outcome outcome = stages.get(i).apply(current);
            if (outcome instanceof Remove removed) {
                counts[i] = counts[i].removed(removed.reason());
                return Optional.empty();
            }
            Document kept = ((Keep) outcome).document();
            counts[i] = kept.equals(current) ? counts[i].kept() : counts[i].keptChanged();
            current = kept;
        }
        return Optional.of(current);
    }

    private void tokenize(Document document) {
        byte[] utf8 = document.text().getBytes(StandardCharsets.UTF_8);
        int lane = packing.laneOf(packing.key(document));
        long[] histogram = packing.isValidation(lane) ? validationBytes : trainingBytes;
        for (byte b : utf8) {
            histogram[Byte.toUnsignedInt(b)]++;
        }
        documents++;
        if (laneIsWanted.test(lane)) {
            next = Optional.of(TokenizedDocument.of(packing, document, utf8, tokenizer.encode(document.text())));
        }
    }

    /** The counts so far; complete once {@link #hasNext} is false. */
    public PartReport report() {
        List<StageCount> all = new ArrayList<>(List.of(read));
        all.addAll(List.of(counts));
        return new PartReport(part.file().name(), documents, all, trainingBytes, validationBytes, bad, badExamples);
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
