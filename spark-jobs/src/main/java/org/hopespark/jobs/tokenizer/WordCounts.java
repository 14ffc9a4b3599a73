package org.hopespark.jobs.tokenizer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Queue;
import org.hopespark.data.bpe.PreTokenizer;
import org.hopespark.data.bpe.WordCounter;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.Document;
import org.hopespark.data.source.DocumentReader;
import org.hopespark.data.source.InputPart;
import scala.Tuple2;

/** The words of some parts with how often they occur, handed out whenever too many different ones are in memory. */
final class WordCounts implements Iterator<Tuple2<String, Long>>, AutoCloseable {
    private static final int DISTINCT_WORDS_IN_MEMORY = 1_000_000;

    private final Iterator<InputPart> parts;
    private final Storage storage;
    private final Queue<Tuple2<String, Long>> counted = new ArrayDeque<>();
    private Optional<DocumentReader> reader = Optional.empty();

    WordCounts(Iterator<InputPart> parts, Storage storage) {
        this.parts = parts;
        this.storage = storage;
    }

    @Override
    public boolean hasNext() {
        if (counted.isEmpty() && (reader.isPresent() || parts.hasNext())) {
            count();
        }
        return !counted.isEmpty();
    }

    @Override
    public Tuple2<String, Long> next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return counted.remove();
    }

    private void count() {
        WordCounter counter = new WordCounter(PreTokenizer.gpt2());
        while (counter.distinct() < DISTINCT_WORDS_IN_MEMORY) {
            Optional<Document> document = nextDocument();
            if (document.isEmpty()) {
                break;
            }
            counter.add(document.get().text());
        }
        counter.counts().forEach((word, count) -> counted.add(new Tuple2<>(word, count)));
    }

    private Optional<Document> nextDocument() {
        while (reader.isPresent() || parts.hasNext()) {
            if (reader.isEmpty()) {
                reader = Optional.of(DocumentReader.open(parts.next(), storage));
            }
            Optional<Document> document = reader.get().next();
            if (document.isPresent()) {
                return document;
            }
            close();
        }
        return Optional.empty();
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
        reader = Optional.empty();
    }
}
