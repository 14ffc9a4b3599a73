package org.hopespark.data.shard;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.hopespark.data.filter.FilteredPart;
import org.hopespark.data.filter.Stage;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.CorruptInputException;
import org.hopespark.data.source.Document;
import org.hopespark.data.source.InputPart;
import org.hopespark.data.tokenizer.Tokenizer;

/** Tokenizes the documents of one part of a file; the rows that are none come between them. */
public final class PartTokenizer implements Iterator<PartRow>, AutoCloseable {
    private final InputPart part;
    private final FilteredPart documents;
    private final Tokenizer tokenizer;
    private final Packing packing;
    private final IntPredicate laneIsWanted;

    private final long[] trainingBytes = new long[256];
    private final long[] validationBytes = new long[256];
    private long count;
    private long heldOut;
    private long lowestKey = -1;
    private long highestKey;
    private Optional<PartRow> next = Optional.empty();

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
        this.tokenizer = tokenizer;
        this.packing = packing;
        this.laneIsWanted = laneIsWanted;
        documents = new FilteredPart(part, storage, stages, maxBad, new BadRows());
    }

    @Override
    public boolean hasNext() {
        while (next.isEmpty() && documents.advance()) {
            documents.taken().ifPresent(this::tokenize);
        }
        return next.isPresent();
    }

    @Override
    public PartRow next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        PartRow row = next.orElseThrow();
        next = Optional.empty();
        return row;
    }

    private void tokenize(Document document) {
        byte[] utf8 = document.text().getBytes(StandardCharsets.UTF_8);
        long key = packing.key(document);
        int lane = packing.laneOf(key);
        if (laneIsWanted.test(lane)) {
            try {
                next = Optional.of(TokenizedDocument.of(packing, document, utf8, tokenizer.encode(document.text())));
            } catch (CorruptInputException e) {
                documents.takeBack(document, e.problem());
                return;
            }
        }
        lowestKey = Long.compareUnsigned(key, lowestKey) < 0 ? key : lowestKey;
        highestKey = Long.compareUnsigned(key, highestKey) > 0 ? key : highestKey;
        heldOut += packing.isValidation(lane) ? 1 : 0;
        long[] histogram = packing.isValidation(lane) ? validationBytes : trainingBytes;
        for (byte b : utf8) {
            histogram[Byte.toUnsignedInt(b)]++;
        }
        count++;
    }

    /** The counts so far; complete once {@link #hasNext} is false. */
    public PartReport report() {
        return new PartReport(
                part.file().name(),
                count,
                heldOut,
                lowestKey,
                highestKey,
                documents.counts(),
                trainingBytes,
                validationBytes,
                documents.bad(),
                documents.badExamples());
    }

    @Override
    public void close() {
        documents.close();
    }

    private final class BadRows implements FilteredPart.Removals {
        @Override
        public void removed(Document document, String stage, String reason) {}

        @Override
        public void unreadable(CorruptInputException problem) {
            next = Optional.of(BadRow.of(packing.allLanes() + 1, part, documents.bad(), problem));
        }
    }
}
