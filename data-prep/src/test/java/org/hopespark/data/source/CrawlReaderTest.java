package org.hopespark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.data.io.Storage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CrawlReaderTest {
    private static final String PAGE = "<html><head><title>T</title><style>p {}</style></head><body><nav>Menu</nav>"
            + "<p>Two   words\n and <b>bold</b>.</p><ul><li>one</li><li>two</li></ul><script>x()</script>"
            + "<pre>a\n  b</pre><table><tr><td>1</td><td>2</td></tr></table></body></html>";
    private static final String TEXT = "Two words and bold.\none\ntwo\na\n  b\n1 2";

    @TempDir
    private Path folder;

    private int records;

    @ParameterizedTest
    @ValueSource(strings = {"pages.warc", "pages.warc.gz"})
    void pagesAndTextsAreDocumentsAndAllElseIsNot(String name) throws IOException {
        Path file = write(
                name,
                record("warcinfo", "application/warc-fields", "", bytes("software: none\r\n")),
                record("request", "application/http;msgtype=request", "http://a/", bytes("GET / HTTP/1.1\r\n\r\n")),
                response("http://a/", "200 OK", "Content-Type: text/html; charset=utf-8", bytes(PAGE)),
                response("http://a/gone", "404 Not Found", "Content-Type: text/html", bytes(PAGE)),
                response("http://a/image", "200 OK", "Content-Type: image/png", new byte[] {1, 2, 3}),
                response("http://a/plain", "200 OK", "Content-Type: text/plain", bytes("as  it\nis\n")),
                record("resource", "text/html", "https://a/resource", bytes(PAGE)),
                record("resource", "text/plain", "metadata://crawler/log", bytes("notes of the crawler")),
                record("conversion", "text/plain", "http://a/wet", bytes("converted by others\n")));
        List<Document> documents = read(file);
        assertThat(documents)
                .extracting(document -> document.metadata().get("url"))
                .containsExactly("http://a/", "http://a/plain", "https://a/resource", "http://a/wet");
        assertThat(documents)
                .extracting(Document::text)
                .containsExactly(TEXT, "as  it\nis\n", TEXT, "converted by others\n");
        assertThat(documents.get(0).id()).isEqualTo("<urn:uuid:00000000-0000-0000-0000-000000000003>");
        assertThat(documents.get(0).metadata().get("date")).isEqualTo("2024-05-18T01:58:10Z");
        assertThat(documents).extracting(Document::source).containsOnly(name);
    }

    @Test
    void bodiesMayBeChunkedCompressedAndOfOtherCharsets() throws IOException {
        Charset latin = StandardCharsets.ISO_8859_1;
        Path file = write(
                "pages.warc",
                response(
                        "http://a/1",
                        "200 OK",
                        "Content-Type: text/html\r\nTransfer-Encoding: chunked",
                        bytes("3\r\n<p>\r\n5\r\nvalue\r\n0\r\n\r\n")),
                response(
                        "http://a/2",
                        "200 OK",
                        "Content-Type: text/html\r\nContent-Encoding: gzip",
                        gzip(bytes("<p>packed"))),
                response("http://a/3", "200 OK", "Content-Type: text/plain; charset=iso-8859-1", "für".getBytes(latin)),
                response(
                        "http://a/4",
                        "200 OK",
                        "Content-Type: text/html",
                        "<meta charset=\"iso-8859-1\"><p>für".getBytes(latin)),
                response("http://a/5", "200 OK", "Content-Type: text/html; charset=no-such", bytes("<p>für")));
        assertThat(read(file)).extracting(Document::text).containsExactly("value", "packed", "für", "für", "für");
    }

    /** Of {@code <p>packed}; Java has no encoder. */
    private static final byte[] BROTLI = HexFormat.of().parseHex("0b04803c703e7061636b656403");

    @ParameterizedTest
    @ValueSource(strings = {"none", "identity", "UTF-8", "", "gzip", "x-gzip", "deflate", "raw deflate", "br", "zstd"})
    void theCodingOfABodyIsUndone(String coding) throws IOException {
        byte[] page = bytes("<p>packed");
        byte[] body = switch (coding) {
            case "gzip", "x-gzip" -> gzip(page);
            case "deflate" -> deflated(page, new Deflater());
            case "raw deflate" -> deflated(page, new Deflater(Deflater.DEFAULT_COMPRESSION, true));
            case "br" -> BROTLI;
            case "zstd" -> Zstd.compress(page);
            default -> page;
        };
        String header = "Content-Type: text/html\r\nContent-Encoding: " + coding.replace("raw ", "");
        Path file = write(
                "pages.warc",
                response("http://a/1", "200 OK", header, body),
                response(
                        "http://a/2",
                        "200 OK",
                        "Content-Type: text/html\r\nContent-Encoding: gzip, identity",
                        gzip(page)));
        assertThat(read(file)).extracting(Document::text).containsExactly("packed", "packed");
    }

    private static byte[] deflated(byte[] content, Deflater deflater) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(bytes, deflater)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    @Test
    void aCodingThatNobodyKnowsIsReported() throws IOException {
        Path file = write(
                "pages.warc",
                response("http://a/1", "200 OK", "Content-Type: text/html\r\nContent-Encoding: magic", bytes("<p>x")));
        assertThatThrownBy(() -> read(file)).hasMessageContaining("unknown Content-Encoding 'magic'");
    }

    @Test
    void aPageWithoutAContentTypeIsOneIfItLooksLikeOne() throws IOException {
        Path file = write(
                "pages.warc",
                response("http://a/1", "200 OK", "Server: x", bytes("\n<!DOCTYPE html><p>page")),
                response("http://a/2", "200 OK", "Server: x", bytes("{\"data\": 1}")));
        assertThat(read(file)).extracting(Document::text).containsExactly("page");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "WARC-Date: 20240518015810\r\n", "WARC-Date: yesterday\r\n"})
    void aRecordWithoutADateIsAPageWithoutADate(String date) throws IOException {
        String response = new String(
                response("http://a/1", "200 OK", "Content-Type: text/plain", bytes("x")), StandardCharsets.UTF_8);
        Path file = write("pages.warc", bytes(response.replace("WARC-Date: 2024-05-18T01:58:10Z\r\n", date)));
        assertThat(read(file)).singleElement().satisfies(page -> {
            assertThat(page.text()).isEqualTo("x");
            assertThat(page.metadata()).containsOnlyKeys("url");
        });
    }

    @Test
    void aDamagedRecordDoesNotTakeTheNextOneWithIt() throws IOException {
        byte[] packed = gzip(bytes("<p>packed".repeat(100)));
        Path file = write(
                "pages.warc",
                response(
                        "http://a/1",
                        "200 OK",
                        "Content-Type: text/html\r\nContent-Encoding: gzip",
                        Arrays.copyOf(packed, packed.length / 2)),
                response("http://a/2", "200 OK", "Content-Type: text/plain", new byte[] {'a', (byte) 0xff}),
                response("http://a/3", "200 OK", "Content-Type: text/plain", bytes("whole")));
        try (DocumentReader reader = open(file)) {
            assertThat(reader.next().orElseThrow().text()).startsWith("pack");
            assertThatThrownBy(reader::next)
                    .isInstanceOf(CorruptInputException.class)
                    .hasMessageContaining("pages.warc, record at byte 0: truncated or damaged")
                    .matches(e -> !((CorruptInputException) e).endsFile());
            assertThatThrownBy(reader::next).hasMessageContaining("not UTF-8: byte 0xFF at offset 1");
            assertThat(reader.next().orElseThrow().text()).isEqualTo("whole");
            assertThat(reader.next()).isEmpty();
        }
    }

    @Test
    void whatIsNoCrawlAtAllEndsTheFile() throws IOException {
        Path file = Files.writeString(folder.resolve("no.warc"), "this is no archive of the web\n");
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(CorruptInputException.class)
                .hasMessageContaining("no.warc")
                .matches(e -> ((CorruptInputException) e).endsFile());
    }

    @Test
    void aFileThatEndsTooEarlyKeepsWhatCameBefore() throws IOException {
        Path whole = write(
                "whole.warc",
                response("http://a/1", "200 OK", "Content-Type: text/plain", bytes("first")),
                response("http://a/2", "200 OK", "Content-Type: text/plain", bytes("second".repeat(100))));
        byte[] all = Files.readAllBytes(whole);
        Path cut = Files.write(folder.resolve("cut.warc"), Arrays.copyOf(all, all.length - 300));
        try (DocumentReader reader = open(cut)) {
            assertThat(reader.next().orElseThrow().text()).isEqualTo("first");
            assertThatThrownBy(reader::next).isInstanceOf(CorruptInputException.class);
        }
    }

    private static DocumentReader open(Path path) {
        Storage storage = new Storage(new Configuration());
        Input input = new Input(path.toString(), "", Format.AUTO, "text", "id", "**");
        InputFile file = InputFile.list(List.of(input), storage).get(0);
        return DocumentReader.open(file.parts(1).get(0), storage);
    }

    private static List<Document> read(Path path) throws IOException {
        List<Document> documents = new ArrayList<>();
        try (DocumentReader reader = open(path)) {
            for (Optional<Document> next = reader.next(); next.isPresent(); next = reader.next()) {
                documents.add(next.get());
            }
        }
        return documents;
    }

    /** Compressed as the standard asks: every record on its own. */
    private Path write(String name, byte[]... all) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] record : all) {
            out.write(name.endsWith(".gz") ? gzip(record) : record);
        }
        return Files.write(folder.resolve(name), out.toByteArray());
    }

    private byte[] response(String url, String status, String headers, byte[] body) throws IOException {
        ByteArrayOutputStream http = new ByteArrayOutputStream();
        http.write(bytes("HTTP/1.1 " + status + "\r\n" + headers + "\r\n\r\n"));
        http.write(body);
        return record("response", "application/http; msgtype=response", url, http.toByteArray());
    }

    private byte[] record(String type, String contentType, String url, byte[] block) throws IOException {
        records++;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes(String.join(
                "\r\n",
                "WARC/1.0",
                "WARC-Type: " + type,
                "WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-00000000000" + records + ">",
                "WARC-Date: 2024-05-18T01:58:10Z",
                url.isEmpty() ? "WARC-Filename: pages" : "WARC-Target-URI: " + url,
                "Content-Type: " + contentType,
                "Content-Length: " + block.length,
                "",
                "")));
        out.write(block);
        out.write(bytes("\r\n\r\n"));
        return out.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }
}
