package org.hopespark.data.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.hopespark.data.io.Storage;
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

    /** WHATWG MIME Sniffing, section 7.1, for pages whose server does not say what they are. */
    private static final Pattern LOOKS_LIKE_HTML = Pattern.compile(
            "^(\u00EF\u00BB\u00BF)?\\s*<(!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--)[ >]",
            Pattern.CASE_INSENSITIVE);

    private final InputFile file;
    private final InputStream in;
    private final WarcReader records;

    /** What is wrong with the page that was given last. */
    private Optional<CorruptInputException> cut = Optional.empty();

    CrawlReader(InputFile file, Storage storage) {
        this.file = file;
        // the library undoes gzip itself, which in these files restarts at every record
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
        if (cut.isPresent()) {
            CorruptInputException problem = cut.get();
            cut = Optional.empty();
            throw problem;
        }
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
                return http.status() == OK ? page(place, response, http) : Optional.empty();
            } else if (record instanceof WarcResource resource) {
                return text(place, resource, resource.contentType(), Texts.readAll(place, resource.body().stream()));
            }
            return Optional.empty();
        } catch (ParsingException e) {
            throw CorruptInputException.row(place, "not what its headers promise (" + e.getMessage() + ")");
        } catch (UncheckedIOException | CorruptInputException e) {
            cut = Optional.empty(); // the page is lost as a whole, and reported once
            throw e;
        } catch (IOException | RuntimeException e) { // what is wrong with one record is no reason to give up the next
            throw Texts.unreadableRow(place, e);
        }
    }

    private static boolean isHttp(WarcResponse response) {
        return response.contentType().base().equals(MediaType.HTTP_RESPONSE.base())
                || response.contentType().base().equals(MediaType.HTTP.base());
    }

    private Optional<Document> page(String place, WarcResponse response, HttpResponse http) throws IOException {
        boolean hasType = http.headers()
                .first("Content-Type")
                .filter(type -> !type.isBlank())
                .isPresent();
        if (hasType && !isText(http.contentType())) {
            return Optional.empty();
        }
        byte[] body = body(place, http);
        if (!hasType && !LOOKS_LIKE_HTML.matcher(beginning(body)).find()) {
            cut = Optional.empty();
            return Optional.empty();
        }
        return text(place, response, hasType ? http.contentType() : MediaType.HTML, body);
    }

    /** Up to where it is damaged, if it is, which is then reported behind the page. */
    private byte[] body(String place, HttpResponse http) throws IOException {
        byte[] encoded = Texts.readAll(place, http.body().stream());
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (InputStream in = ContentCoding.decoded(encoded, http.headers().all("Content-Encoding"))) {
            byte[] buffer = new byte[1 << 13];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                body.write(buffer, 0, n);
                if (body.size() > Texts.MAX_BYTES) {
                    throw Texts.tooLong(place);
                }
            }
        } catch (IOException e) {
            if (body.size() == 0) {
                throw e;
            }
            cut = Optional.of(Texts.unreadableRow(place, e));
        }
        return body.toByteArray();
    }

    private static String beginning(byte[] body) {
        return new String(body, 0, Math.min(body.length, 512), StandardCharsets.ISO_8859_1);
    }

    private static boolean isText(MediaType type) {
        return isHtml(type) || base(type).equals("text/plain");
    }

    private static boolean isHtml(MediaType type) {
        return base(type).equals("text/html") || base(type).equals("application/xhtml+xml");
    }

    private static String base(MediaType type) {
        return type.base().toString().toLowerCase(Locale.ROOT);
    }

    private Optional<Document> text(String place, WarcTargetRecord record, MediaType type, byte[] bytes) {
        Optional<Charset> charset = HtmlCharset.ofLabel(type.parameters().getOrDefault("charset", ""));
        if (isHtml(type)) {
            return Optional.of(document(record, HtmlText.of(place, bytes, charset)));
        } else if (isText(type)) {
            boolean utf8 = charset.orElse(StandardCharsets.UTF_8).equals(StandardCharsets.UTF_8);
            return Optional.of(document(
                    record,
                    Texts.withoutMark(utf8 ? Texts.decode(place, bytes) : new String(bytes, charset.orElseThrow()))));
        }
        return Optional.empty();
    }

    private Document document(WarcTargetRecord record, String text) {
        String id = record.headers().first("WARC-Record-ID").orElse("byte " + records.position());
        Document document = new Document(id, text, file.name()).with("url", record.target());
        return date(record).map(date -> document.with("date", date)).orElse(document);
    }

    /** Empty where the record has none, or one that is no date. */
    private static Optional<String> date(WarcTargetRecord record) {
        try {
            return Optional.of(record.date().toString());
        } catch (DateTimeException | NoSuchElementException none) {
            return Optional.empty();
        }
    }

    @Override
    public void close() throws IOException {
        records.close();
        in.close();
    }
}
