package org.hopespark.data.source;

import java.io.InputStream;
import java.util.Optional;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.data.io.Storage;

/** A text file or a web page is one document; its id is its name. */
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
            byte[] bytes = in.readNBytes(Texts.MAX_BYTES);
            if (in.read() >= 0) {
                throw CorruptInputException.row(
                        file.path(),
                        "longer than " + Texts.MAX_BYTES + " bytes, which a document may have (--split, or split of the"
                                + " input, cuts a text into documents)");
            }
            String text = file.format() == Format.HTML
                    ? HtmlText.of(file.path(), bytes, Optional.empty())
                    : Texts.decodeFile(file.path(), bytes);
            return Optional.of(new Document(file.name(), text, file.name()));
        } catch (java.io.IOException e) {
            throw Texts.unreadable(file.path(), e);
        }
    }

    @Override
    public void close() {}
}
