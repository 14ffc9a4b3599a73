package org.hopespark.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.Document;
import org.hopespark.data.source.DocumentReader;
import org.hopespark.data.source.InputFile;
import org.hopespark.data.source.InputPart;
import org.hopespark.jobs.spark.SparkSources;

/** Documents to measure with. */
public final class Sample {
    private Sample() {}

    /**
     * The first documents of an input, in any format that prepare reads, until they have so many characters.
     *
     * @param input empty for the sources of Spark
     */
    public static List<Document> read(String input, long characters) throws IOException {
        Input files = new Input(
                input.isEmpty() ? SparkSources.folder("--input") : input,
                "",
                Format.AUTO,
                "text",
                "id",
                "**/*.{scala,java}");
        Storage storage = new Storage(new Configuration());
        List<Document> documents = new ArrayList<>();
        long read = 0;
        for (InputFile file : InputFile.list(List.of(files), storage)) {
            try (DocumentReader reader = DocumentReader.open(new InputPart(file, 0, 1), storage)) {
                for (Optional<Document> next = reader.next();
                        next.isPresent() && read < characters;
                        next = reader.next()) {
                    documents.add(next.get());
                    read += next.get().text().length();
                }
            }
        }
        return documents;
    }

    /** The first of some documents, the last one cut, such that they have so many characters. */
    static List<Document> first(List<Document> documents, long characters) {
        List<Document> some = new ArrayList<>();
        long left = characters;
        for (Document document : documents) {
            if (left > 0) {
                String text = document.text();
                some.add(
                        left >= text.length() ? document : document.withText(text.substring(0, end(text, (int) left))));
                left -= text.length();
            }
        }
        return some;
    }

    /** Documents of a length, in characters, that the given ones are cut into. */
    static List<Document> pages(List<Document> documents, int characters) {
        List<Document> pages = new ArrayList<>();
        for (Document document : documents) {
            String text = document.text();
            for (int from = 0; from < text.length(); ) {
                int to = end(text, Math.min(text.length(), from + characters));
                pages.add(new Document(document.id() + "-" + from, text.substring(from, to), document.source()));
                from = to;
            }
        }
        return pages;
    }

    /** Not between the halves of a pair. */
    private static int end(String text, int at) {
        return at < text.length() && Character.isLowSurrogate(text.charAt(at)) ? at + 1 : at;
    }

    /** Length of the texts in UTF-8, in MB. */
    static double megabytes(List<Document> documents) {
        return documents.stream()
                        .mapToLong(document -> document.text().getBytes(StandardCharsets.UTF_8).length)
                        .sum()
                * 1e-6;
    }
}
