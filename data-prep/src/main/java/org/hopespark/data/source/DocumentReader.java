package org.hopespark.data.source;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import org.hopespark.data.io.Storage;

/** The documents of one part of a file, one at a time. */
public interface DocumentReader extends Closeable {

    /**
     * The next document; empty at the end. After a {@link CorruptInputException} that does not end the file, the call
     * may be repeated.
     */
    Optional<Document> next();

    @Override
    void close() throws IOException;

    /** A reader for the part's format. */
    static DocumentReader open(InputPart part, Storage storage) {
        if (!part.file().problem().isEmpty()) {
            throw CorruptInputException.file(part.file().path(), part.file().problem(), null);
        }
        return switch (part.file().format()) {
            case TEXT ->
                part.file().input().split().isEmpty()
                        ? new TextReader(part.file(), storage)
                        : new SplitTextReader(part.file(), storage);
            case HTML -> new TextReader(part.file(), storage);
            case CSV, TSV -> new DelimitedReader(part.file(), storage);
            case JSON -> JsonReader.open(part.file(), storage);
            case ARROW -> new ArrowTextReader(part.file(), storage);
            case JSONL -> new JsonLinesReader(part.file(), storage);
            case PARQUET -> new ParquetTextReader(part.file(), storage);
            case WARC -> new CrawlReader(part.file(), storage);
            case ARCHIVE -> new ArchiveReader(part, storage);
            case AUTO -> throw new IllegalArgumentException(part.file().path() + ": the format is not settled");
        };
    }
}
