package org.hopespark.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.data.corpus.Selection;
import org.hopespark.data.corpus.StepFolder;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.Document;
import org.hopespark.data.source.DocumentReader;
import org.hopespark.data.source.InputFile;
import org.hopespark.data.source.InputPart;

/** The readers, in MB of text that comes out of them. */
final class ReaderFigures {
    /** What HTML makes of blanks and line feeds may be shorter. */
    private static final double LEAST_SHARE = 0.8;

    private final Storage storage = new Storage(new Configuration());
    private final Path folder;
    private final long written;
    private final List<Figure> figures = new ArrayList<>();

    private ReaderFigures(Path folder, long written) {
        this.folder = folder;
        this.written = written;
    }

    static List<Figure> of(List<Document> pages, Path scratch) throws IOException {
        ReaderFigures readers = new ReaderFigures(scratch, (long) (Sample.megabytes(pages) * 1e6));
        readers.measure(pages);
        return readers.figures;
    }

    private void measure(List<Document> pages) throws IOException {
        DocumentFiles.texts(pages, folder.resolve("texts"));
        add("text, a file for each document", parts(folder.resolve("texts")));
        Path lines = folder.resolve("pages.jsonl");
        DocumentFiles.jsonLines(pages, lines);
        add("jsonl", parts(lines));
        compressed(lines, "gz", "gz");
        compressed(lines, "zst", "zstd");
        compressed(lines, "bz2", "bzip2");
        compressed(lines, "xz", "xz");
        StepFolder parquet = new StepFolder(folder.resolve("parquet").toString(), storage);
        parquet.write(0, List.of(parts(lines).get(0)), List.of(), Selection.ALL, 0, "0");
        add("parquet, as corpus writes it", List.of(parquet.kept(0)));
        DocumentFiles.warc(pages, folder.resolve("pages.warc"));
        add("warc, text out of web pages", parts(folder.resolve("pages.warc")));
        DocumentFiles.wet(pages, folder.resolve("pages.wet"));
        add("wet", parts(folder.resolve("pages.wet")));
        DocumentFiles.zip(pages, folder.resolve("pages.zip"));
        add("zip, an entry for each document", parts(folder.resolve("pages.zip")));
    }

    private void compressed(Path lines, String suffix, String format) throws IOException {
        Path file = folder.resolve("pages.jsonl." + suffix);
        DocumentFiles.compress(lines, format, file);
        add("jsonl." + suffix, parts(file));
    }

    private List<InputPart> parts(Path place) {
        Input input = new Input(place.toString(), "", Format.AUTO, "text", "id", "**");
        return InputFile.list(List.of(input), storage).stream()
                .map(file -> new InputPart(file, 0, 1))
                .toList();
    }

    private void add(String name, List<InputPart> parts) {
        long bytes = read(parts, document -> document.text().getBytes(StandardCharsets.UTF_8).length);
        if (bytes < LEAST_SHARE * written) {
            throw new IllegalStateException(name + ": " + bytes + " bytes of text came back of " + written);
        }
        double seconds = Rounds.seconds(() -> read(parts, document -> 1));
        figures.add(new Figure("read " + name, bytes * 1e-6 / seconds, Figure.MB_PER_SECOND));
    }

    private long read(List<InputPart> parts, ToLongFunction<Document> value) {
        long sum = 0;
        for (InputPart part : parts) {
            try (DocumentReader reader = DocumentReader.open(part, storage)) {
                for (Optional<Document> next = reader.next(); next.isPresent(); next = reader.next()) {
                    sum += value.applyAsLong(next.get());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return sum;
    }
}
