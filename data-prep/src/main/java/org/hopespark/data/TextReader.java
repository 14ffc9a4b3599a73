package org.hopespark.data;

import java.io.InputStream;
import java.util.Optional;

/** A text file is one document; its id is its name. */
final class TextReader implements DocumentReader {
    private final InputFile file;
    private final Storage storage;
    private boolean done;

    TextReader(InputFile file, Storage storage) {
        this.file = file;
        this.storage = storage;
    }

    @Override
    public Optional<Document> next() {
        if (done) {
            return Optional.empty();
        }
        done = true;
        try (InputStream in = Texts.open(file, storage)) {
            String text = Texts.decode(file.path(), Texts.readAll(file.path(), in));
            return Optional.of(new Document(file.name(), text, file.name()));
        } catch (java.io.IOException e) {
            throw Texts.unreadable(file.path(), e);
        }
    }

    @Override
    public void close() {}
}
