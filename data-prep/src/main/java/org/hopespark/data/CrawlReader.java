package org.hopespark.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.netpreserve.jwarc.HttpResponse;
import org.netpreserve.jwarc.MediaType;
import org.netpreserve.jwarc.ParsingException;
import org.netpreserve.jwarc.WarcConversion;
import org.netpreserve.jwarc.WarcReader;
import org.netpreserve.jwarc.WarcRecord;
import org.netpreserve.jwarc.WarcResource;
import org.netpreserve.jwarc.WarcResponse;
import org.netpreserve.jwarc.WarcTargetRecord;

/**
 * The pages of a crawl: responses (status 200, HTML or plain text) and resources of a WARC or ARC file, the texts of a
 * WET file. A document's id is that of its record; its address and date are metadata.
 */
final class CrawlReader implements DocumentReader {
    private static final int OK = 200;

    private final InputFile file;
    private final InputStream in;
    private final WarcReader records;

    CrawlReader(InputFile file, Storage storage) {
        this.file = file;
        // the library undoes gzip itself, which in these files begins anew at every record
        in = file.path().toLowerCase(Locale.ROOT).endsWith(".gz")
                ? storage.openForDecoding(new Path(file.path()))
                : Texts.open(file, storage);
        try {
            records = new WarcReader(in);
            records.setLenient(true);
        } catch (UncheckedIOException e) {
            throw e; // the file system has failed
        } catch (IOException | RuntimeException e) {
            throw Texts.unreadable(file.path(), e);
        }
    }

    @Override
    public Optional<Document> next() {
        while (true) {
            Optional<WarcRecord> record;
            try {
                record = records.next();
            } catch (UncheckedIOException e) {
                throw e;
            } catch (IOException | RuntimeException e) {
                throw Texts.unreadable(file.path() + ", after byte " + records.position(), e);
            }
            if (record.isEmpty()) {
                return Optional.empty();
            }
            Optional<Document> document =
                    record.get() instanceof WarcTargetRecord page && isOfTheWeb(page) ? read(page) : Optional.empty();
            if (document.isPresent()) {
                return document;
            }
        }
    }

    /** Crawlers keep their own notes under other schemes. */
    private static boolean isOfTheWeb(WarcTargetRecord record) {
        return record.headers()
                .first("WARC-Target-URI")
                .orElseGet(record::target)
                .toLowerCase(Locale.ROOT)
                .matches("<?https?:.*");
    }

    private Optional<Document> read(WarcTargetRecord record) {
        String place = file.path() + ", record at byte " + records.position();
        try {
            if (record instanceof WarcConversion text) {
                byte[] bytes = Texts.readAll(place, text.body().stream());
                return Optional.of(document(text, Texts.withoutMark(Texts.decode(place, bytes))));
            } else if (record instanceof WarcResponse response && isHttp(response)) {
                HttpResponse http = response.http();
                return http.status() == OK
                        ? text(place, response, http.contentType(), http.bodyDecoded().stream())
                        : Optional.empty();
            } else if (record instanceof WarcResource resource) {
                return text(place, resource, resource.contentType(), resource.body().stream());
            }
            return Optional.empty();
        } catch (ParsingException e) {
            throw CorruptInputException.row(place, "not what its headers promise (" + e.getMessage() + ")");
        } catch (UncheckedIOException | CorruptInputException e) {
            throw e;
        } catch (IOException | RuntimeException e) { // what is wrong with one record is no reason to give up the next
            throw Texts.unreadableRow(place, e);
        }
    }

    private static boolean isHttp(WarcResponse response) {
        return response.contentType().base().equals(MediaType.HTTP_RESPONSE.base())
                || response.contentType().base().equals(MediaType.HTTP.base());
    }

    private Optional<Document> text(String place, WarcTargetRecord record, MediaType type, InputStream body)
            throws IOException {
        String base = type.base().toString().toLowerCase(Locale.ROOT);
        Optional<Charset> charset = charset(type);
        if (base.equals("text/html") || base.equals("application/xhtml+xml")) {
            return Optional.of(document(record, HtmlText.of(place, Texts.readAll(place, body), charset)));
        } else if (base.equals("text/plain")) {
            byte[] bytes = Texts.readAll(place, body);
            boolean utf8 = charset.orElse(StandardCharsets.UTF_8).equals(StandardCharsets.UTF_8);
            return Optional.of(document(
                    record,
                    Texts.withoutMark(utf8 ? Texts.decode(place, bytes) : new String(bytes, charset.orElseThrow()))));
        }
        return Optional.empty();
    }

    /** Empty where the server named none that exists. */
    private static Optional<Charset> charset(MediaType type) {
        String name = type.parameters().getOrDefault("charset", "");
        try {
            return name.isBlank() ? Optional.empty() : Optional.of(Charset.forName(name.strip()));
        } catch (IllegalArgumentException unknown) {
            return Optional.empty();
        }
    }

    private Document document(WarcTargetRecord record, String text) {
        String id = record.headers().first("WARC-Record-ID").orElse("byte " + records.position());
        return new Document(id, text, file.name())
                .with("url", record.target())
                .with("date", record.date().toString());
    }

    @Override
    public void close() throws IOException {
        records.close();
        in.close();
    }
}
