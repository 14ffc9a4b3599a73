package org.hopespark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.compressors.CompressorException;
import org.apache.commons.compress.compressors.CompressorStreamFactory;
import org.hopespark.data.source.Document;

/** Writes documents in the formats that the readers read. */
final class DocumentFiles {
    private static final ObjectMapper JSON = new ObjectMapper();

    private DocumentFiles() {}

    /** A folder with a text file for each document. */
    static void texts(List<Document> documents, Path folder) throws IOException {
        Files.createDirectories(folder);
        for (int i = 0; i < documents.size(); i++) {
            Files.writeString(folder.resolve(i + ".txt"), documents.get(i).text());
        }
    }

    /** JSON lines. */
    static void jsonLines(List<Document> documents, Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            for (Document document : documents) {
                out.write(jsonLine(document));
            }
        }
    }

    static byte[] jsonLine(Document document) {
        return bytes(JSON.createObjectNode()
                        .put("id", document.id())
                        .put("text", document.text())
                        .toString()
                + "\n");
    }

    /** A file compressed, by the name that commons-compress has for the format. */
    static void compress(Path from, String format, Path to) throws IOException {
        try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(to));
                OutputStream out = new CompressorStreamFactory().createCompressorOutputStream(format, file)) {
            Files.copy(from, out);
        } catch (CompressorException e) {
            throw new IOException(e);
        }
    }

    /** A zip with an entry for each document. */
    static void zip(List<Document> documents, Path file) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            for (int i = 0; i < documents.size(); i++) {
                out.putNextEntry(new ZipEntry(i + ".txt"));
                out.write(bytes(documents.get(i).text()));
                out.closeEntry();
            }
        }
    }

    /** A crawl of web pages. */
    static void warc(List<Document> documents, Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < documents.size(); i++) {
                byte[] page = bytes(html(documents.get(i).text()));
                byte[] head = bytes("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: "
                        + page.length + "\r\n\r\n");
                record(out, "response", "application/http; msgtype=response", i, head, page);
            }
        }
    }

    /** The texts of a crawl. */
    static void wet(List<Document> documents, Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < documents.size(); i++) {
                record(
                        out,
                        "conversion",
                        "text/plain",
                        i,
                        bytes(documents.get(i).text()));
            }
        }
    }

    private static void record(OutputStream out, String kind, String type, int number, byte[]... parts)
            throws IOException {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        out.write(bytes(String.join(
                "\r\n",
                "WARC/1.0",
                "WARC-Type: " + kind,
                "WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-" + String.format("%012d", number) + ">",
                "WARC-Date: 2026-01-01T00:00:00Z",
                "WARC-Target-URI: http://example.org/" + number,
                "Content-Type: " + type,
                "Content-Length: " + length,
                "",
                "")));
        for (byte[] part : parts) {
            out.write(part);
        }
        out.write(bytes("\r\n\r\n"));
    }

    private static String html(String text) {
        String escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        return "<!DOCTYPE html><html><head><title>a page</title></head><body><nav><a href='/'>home</a></nav><p>"
                + escaped.replace("\n\n", "</p>\n<p>") + "</p></body></html>";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
