package org.hopespark.jobs.corpus;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** What collected files can be like: a table of malformed inputs, each with what must come of it. */
final class BadInputs {
    /** One more than a document may have. */
    static final int TOO_LONG = (1 << 26) + 1;

    /** Rows of the files that are cut; noise, so that a cut takes what lies behind it and no more. */
    private static final int ROWS = 400;

    private final List<Case> cases = new ArrayList<>();
    private final byte[] longGzip = gzip(filled(TOO_LONG));

    /** Makes what lies in a folder. */
    interface Maker {
        void make(Path folder) throws IOException;
    }

    /**
     * A row of the table.
     *
     * @param name of the case
     * @param maker of its files
     * @param ids of the documents that come through
     * @param atLeast with {@code ids} empty, how many rows of a damaged file come through at least
     * @param bad rows or members that are counted; -1 for at least one
     * @param reason part of what is said of the first
     */
    record Case(String name, Maker maker, List<String> ids, int atLeast, int bad, String reason) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** The table. */
    static List<Case> all() {
        BadInputs table = new BadInputs();
        try {
            table.lines();
            table.lineFiles();
            table.compression();
            table.archives();
            table.parquet();
            table.crawls();
            table.pages();
            table.texts();
            table.folders();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return table.cases;
    }

    private void file(String name, String file, byte[] content, List<String> ids, int bad, String reason) {
        cases.add(new Case(name, folder -> Files.write(folder.resolve(file), content), ids, 0, bad, reason));
    }

    private void cut(String name, String file, byte[] content, int atLeast, int bad, String reason) {
        cases.add(
                new Case(name, folder -> Files.write(folder.resolve(file), content), List.of(), atLeast, bad, reason));
    }

    // ---- JSON lines

    private static String row(String id) {
        return "{\"id\": \"" + id + "\", \"text\": \"text of " + id + "\"}\n";
    }

    /** A line between two good ones. */
    private void bad(String name, String line, String reason) {
        badBytes(name, utf8(line), reason);
    }

    private void badBytes(String name, byte[] line, String reason) {
        file(
                "line: " + name,
                "x.jsonl",
                join(utf8(row("a")), line, utf8("\n" + row("b"))),
                List.of("a", "b"),
                1,
                reason);
    }

    /** A line that looks bad and is not, between two good ones. */
    private void fine(String name, String line, String id) {
        byte[] content = join(utf8(row("a")), utf8(line), utf8("\n" + row("b")));
        file("line: " + name, "x.jsonl", content, id.isEmpty() ? List.of("a", "b") : List.of("a", id, "b"), 0, "");
    }

    private void lines() {
        bad("no JSON", "nope", "not valid JSON");
        bad("cut in a string", "{\"text\": \"half", "not valid JSON");
        bad("cut in an escape", "{\"text\": \"half\\u00", "not valid JSON");
        bad("cut behind a key", "{\"text\"", "not valid JSON");
        bad("cut behind the value", "{\"text\": \"whole\"", "not valid JSON");
        bad("unknown escape", "{\"text\": \"\\x41\"}", "not valid JSON");
        bad("single quotes", "{'text': 'a'}", "not valid JSON");
        bad("key without quotes", "{text: \"a\"}", "not valid JSON");
        bad("comma at the end", "{\"text\": \"a\",}", "not valid JSON");
        bad("two commas", "{\"id\": 1,, \"text\": \"a\"}", "not valid JSON");
        bad("comment", "{\"text\": \"a\"} // so", "not valid JSON");
        bad("tab in a string", "{\"text\": \"a\tb\"}", "not valid JSON");
        bad("NUL in a string", "{\"text\": \"a\0b\"}", "not valid JSON");
        bad("NULs alone", "\0\0\0\0", "not valid JSON");
        bad("NaN", "{\"text\": NaN}", "no text in column 'text'");
        bad("leading zeros", "{\"id\": 007, \"text\": \"a\"}", "not valid JSON");
        bad("array on top", "[{\"text\": \"a\"}]", "not a JSON object");
        bad("string on top", "\"a\"", "not a JSON object");
        bad("number on top", "42", "not a JSON object");
        bad("null on top", "null", "not a JSON object");
        bad("two objects", "{\"text\": \"a\"} {\"text\": \"b\"}", "more than one JSON value");
        bad("closed twice", "{\"text\": \"a\"}}", "not valid JSON");
        bad("lines that end with CR only", "{\"text\": \"a\"}\r{\"text\": \"b\"}", "more than one JSON value");
        bad("pretty printed", "{", "not valid JSON");
        bad("record separator", "\u001E{\"text\": \"a\"}", "not valid JSON");
        bad("CSV", "id,text", "not valid JSON");
        bad("no object but XML", "<doc id=\"1\">a</doc>", "not valid JSON");
        bad("empty object", "{}", "no text in column 'text'");
        bad("text is a number", "{\"text\": 5}", "no text in column 'text'");
        bad("text is null", "{\"text\": null}", "no text in column 'text'");
        bad("text is true", "{\"text\": true}", "no text in column 'text'");
        bad("text is an array", "{\"text\": [\"a\"]}", "no text in column 'text'");
        bad("text is an object", "{\"text\": {\"text\": \"a\"}}", "no text in column 'text'");
        bad("text lies deeper", "{\"meta\": {\"text\": \"a\"}}", "no text in column 'text'");
        bad("other capitals", "{\"Text\": \"a\"}", "no text in column 'text'");
        bad("high surrogate alone", "{\"text\": \"a\\ud800\"}", "unpaired surrogate \\ud800 at character 1");
        bad("low surrogate alone", "{\"text\": \"\\udc00a\"}", "unpaired surrogate \\udc00 at character 0");
        bad("surrogates in the wrong order", "{\"text\": \"\\udc00\\ud800\"}", "unpaired surrogate");
        bad(
                "surrogate in the id",
                "{\"id\": \"\\ud800\", \"text\": \"a\"}",
                "its id: the text has an unpaired surrogate");
        bad("arrays two million deep", "{\"m\": " + "[".repeat(2_000_000), "depth");
        bad("objects 100,000 deep, never closed", "{\"m\":".repeat(100_000), "not valid JSON");
        badBytes(
                "Latin-1",
                "{\"text\": \"für\"}".getBytes(StandardCharsets.ISO_8859_1),
                "not UTF-8: byte 0xFC at offset 11");
        badBytes(
                "Windows-1252",
                "{\"text\": \"“a”\"}".getBytes(Charset.forName("windows-1252")),
                "not UTF-8: byte 0x93");
        badBytes("Shift JIS", "{\"text\": \"日本\"}".getBytes(Charset.forName("Shift_JIS")), "not UTF-8");
        badBytes("GB 18030", "{\"text\": \"中文\"}".getBytes(Charset.forName("GB18030")), "not UTF-8");
        badBytes("overlong form", join(utf8("{\"text\": \""), bytes(0xC0, 0xAF), utf8("\"}")), "not UTF-8: byte 0xC0");
        badBytes(
                "surrogate in UTF-8",
                join(utf8("{\"text\": \""), bytes(0xED, 0xA0, 0x80), utf8("\"}")),
                "not UTF-8: byte 0xED");
        badBytes(
                "beyond Unicode",
                join(utf8("{\"text\": \""), bytes(0xF4, 0x90, 0x80, 0x80), utf8("\"}")),
                "not UTF-8: byte 0xF4");
        badBytes(
                "letter cut in two",
                join(utf8("{\"text\": \"a"), bytes(0xE2, 0x82), utf8("\"}")),
                "not UTF-8: byte 0xE2");
        badBytes("noise", noise(300, 1, '\n'), "not UTF-8");
        file(
                "line: over the limit",
                "x.jsonl.gz",
                join(
                        gzip(utf8(row("a") + "{\"id\": \"long\", \"text\": \"")),
                        longGzip,
                        gzip(utf8("\"}\n" + row("b")))),
                List.of("a", "b"),
                1,
                "line 2: longer than 67108864 bytes");
        file(
                "line: over the limit and never ended",
                "x.jsonl.gz",
                join(gzip(utf8(row("a"))), longGzip),
                List.of("a"),
                1,
                "line 2: longer than 67108864 bytes");

        fine("Infinity as id", "{\"id\": Infinity, \"text\": \"a\"}", "Infinity");
        fine(
                "arrays 100,000 deep",
                "{\"id\": \"d\", \"m\": " + "[".repeat(100_000) + "]".repeat(100_000) + ", \"text\": \"a\"}",
                "d");
        fine(
                "number of 10,000 digits as id",
                "{\"id\": " + "9".repeat(10_000) + ", \"text\": \"a\"}",
                "9".repeat(10_000));
        fine("blank", "   \t ", "");
        fine("empty text", "{\"id\": \"e\", \"text\": \"\"}", "");
        fine("escaped NUL", "{\"id\": \"n\", \"text\": \"a\\u0000b\"}", "n");
        fine("key twice", "{\"id\": \"1\", \"text\": \"a\", \"id\": \"2\", \"text\": \"b\"}", "2");
        fine(
                "100,000 keys",
                "{\"id\": \"k\", "
                        + IntStream.range(0, 100_000)
                                .mapToObj(i -> "\"k" + i + "\": 1, ")
                                .collect(java.util.stream.Collectors.joining())
                        + "\"text\": \"a\"}",
                "k");
        fine("id is null", "{\"id\": null, \"text\": \"a\"}", "2");
        fine("id is an object", "{\"id\": {\"a\": 1}, \"text\": \"a\"}", "2");
        fine("number beyond a double", "{\"id\": \"h\", \"n\": 1e999999999, \"text\": \"a\"}", "h");
        fine("line ends with CR LF", "{\"id\": \"c\", \"text\": \"a\"}\r", "c");
        fine("same id as the one before", row("a").strip(), "a");
        fine("blanks around", "   " + row("w").strip() + "   ", "w");
        fine("byte order mark in the middle", "\uFEFF" + row("m").strip(), "m");
        fine("replacement character", "{\"id\": \"f\", \"text\": \"a\uFFFDb\"}", "f");
        fine("a million letters", "{\"id\": \"l\", \"text\": \"" + "ä".repeat(1_000_000) + "\"}", "l");
    }

    private void lineFiles() {
        byte[] two = utf8(row("a") + row("b"));
        List<String> both = List.of("a", "b");
        file("lines: empty file", "x.jsonl", new byte[0], List.of(), 0, "");
        file("lines: only line ends", "x.jsonl", utf8("\n\n\n"), List.of(), 0, "");
        file("lines: only a byte order mark", "x.jsonl", bytes(0xEF, 0xBB, 0xBF), List.of(), 0, "");
        file("lines: byte order mark", "x.jsonl", join(bytes(0xEF, 0xBB, 0xBF), two), both, 0, "");
        file("lines: no line end at the end", "x.jsonl", utf8(row("a") + row("b").strip()), both, 0, "");
        file(
                "lines: cut in the last row",
                "x.jsonl",
                Arrays.copyOf(two, two.length - 5),
                List.of("a"),
                1,
                "line 2: not valid JSON");
        file(
                "lines: a pretty printed array",
                "x.jsonl",
                utf8("[\n" + row("a").strip() + ",\n" + row("b") + "]\n"),
                List.of("b"),
                3,
                "line 1");
        file(
                "lines: UTF-16 with a mark",
                "x.jsonl",
                new String(two, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_16),
                List.of("a", "b"),
                0,
                "");
        file(
                "lines: UTF-16 without a mark",
                "x.jsonl",
                new String(two, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_16LE),
                List.of(),
                3,
                "not valid JSON");
        file(
                "lines: UTF-32",
                "x.jsonl",
                new String(two, StandardCharsets.UTF_8).getBytes(Charset.forName("UTF-32")),
                List.of(),
                2,
                "");
        file("lines: a megabyte of NULs", "x.jsonl", new byte[1 << 20], List.of(), 1, "not valid JSON");
        file("lines: rows, then a NUL tail", "x.jsonl", join(two, new byte[4096]), both, 1, "line 3: not valid JSON");
        file("lines: a Parquet file", "x.jsonl", utf8("PAR1\0\1PAR1"), List.of(), 1, "not valid JSON");
        file("lines: noise", "x.jsonl", noise(5000, 2, '\n'), List.of(), 1, "not UTF-8");
        file(
                "lines: 10,000 bad rows between two good ones",
                "x.ndjson",
                utf8(row("a") + "nope\n".repeat(10_000) + row("b")),
                both,
                10_000,
                "line 2");
    }

    // ---- compression

    private interface Codec {
        byte[] of(byte[] content) throws IOException;
    }

    private void compression() throws IOException {
        codec("gz", BadInputs::gzip);
        codec("zst", BadInputs::zstd);
        codec("bz2", BadInputs::bzip2);
        codec("xz", BadInputs::xz);
        file("gz: extension in capitals", "X.JSONL.GZ", gzip(utf8(row("a"))), List.of("a"), 0, "");
        file("gz: a bomb of one line", "x.jsonl.gz", join(longGzip, longGzip), List.of(), 1, "line 1: longer than");
        file("gz: a text over the limit", "x.txt.gz", longGzip, List.of(), 1, "longer than 67108864 bytes");
        byte[] wrongSum = gzip(utf8(row("a")));
        wrongSum[wrongSum.length - 8] ^= 1;
        file("gz: wrong checksum", "x.jsonl.gz", wrongSum, List.of("a"), 1, "truncated or damaged");
        byte[] reserved = gzip(utf8(row("a")));
        reserved[3] = (byte) 0xE0;
        file("gz: reserved flags", "x.jsonl.gz", reserved, List.of(), 1, "truncated or damaged");
        file(
                "gz: NULs behind the end",
                "x.jsonl.gz",
                join(gzip(utf8(row("a"))), new byte[512]),
                List.of("a"),
                1,
                "truncated or damaged");
        file(
                "zst: a window of 2 GiB announced",
                "x.jsonl.zst",
                bytes(0x28, 0xB5, 0x2F, 0xFD, 0, 21 << 3, 0, 0, 0),
                List.of(),
                1,
                "its window is larger than 128 MiB");
        int block = utf8(row("a")).length << 3 | 1; // the last, not compressed
        file(
                "zst: a window of 128 MiB announced",
                "x.jsonl.zst",
                join(bytes(0x28, 0xB5, 0x2F, 0xFD, 0, 17 << 3, block & 0xFF, block >> 8, 0), utf8(row("a"))),
                List.of("a"),
                0,
                "");
        file(
                "zst: a skippable frame first",
                "x.jsonl.zst",
                join(bytes(0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3), zstd(utf8(row("a")))),
                List.of("a"),
                0,
                "");
        file("xz: a dictionary of 4 GiB announced", "x.jsonl.xz", hugeXz(40), List.of(), 1, "truncated or damaged");
        file(
                "xz: a dictionary of 1.5 GiB announced",
                "x.jsonl.xz",
                hugeXz(37),
                List.of(),
                1,
                "its dictionary is larger than 128 MiB");
    }

    private void codec(String codec, Codec encoder) throws IOException {
        byte[] rows = noisyRows();
        byte[] packed = encoder.of(rows);
        byte[] a = encoder.of(utf8(row("a")));
        byte[] b = encoder.of(utf8(row("b")));
        String x = "x.jsonl." + codec;
        String damaged = "truncated or damaged";
        // bzip2 and zstd decode blocks of 100 and 128 KiB, which are there whole or not at all
        int half = ROWS / 5;
        int last = ROWS - (codec.equals("zst") ? 128 : codec.equals("bz2") ? 100 : 0);
        file(
                codec + ": empty file",
                x,
                new byte[0],
                List.of(),
                codec.equals("zst") ? 0 : 1,
                codec.equals("zst") ? "" : damaged);
        file(codec + ": three bytes", x, Arrays.copyOf(packed, 3), List.of(), 1, damaged);
        cut(codec + ": cut in the middle", x, Arrays.copyOf(packed, packed.length / 2), half, 1, damaged);
        cut(codec + ": without its last byte", x, Arrays.copyOf(packed, packed.length - 1), last, 1, damaged);
        file(codec + ": several members", x, join(a, b), List.of("a", "b"), 0, "");
        file(codec + ": the second member cut", x, join(a, Arrays.copyOf(b, b.length / 2)), List.of("a"), 1, damaged);
        file(codec + ": garbage behind the end", x, join(a, utf8("and so on, and so on")), List.of("a"), 1, damaged);
        file(codec + ": plain rows under its name", x, utf8(row("a")), List.of(), 1, damaged);
        file(codec + ": NULs", x, new byte[1000], List.of(), 1, damaged);
        file(codec + ": packed twice", x, encoder.of(a), List.of(), -1, "");
        file(
                codec + ": under the name of another",
                codec.equals("gz") ? "x.jsonl.zst" : "x.jsonl.gz",
                a,
                List.of(),
                1,
                damaged);
        file(codec + ": under a plain name", "x.jsonl", a, List.of(), -1, "");
        byte[] flipped = packed.clone();
        flipped[packed.length * 3 / 4] ^= 0x55;
        cut(codec + ": a byte changed", x, flipped, half, -1, "");
        file(codec + ": a text cut", "x.txt." + codec, Arrays.copyOf(packed, packed.length / 2), List.of(), 1, damaged);
    }

    private static byte[] noisyRows() {
        Random random = new Random(3);
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < ROWS; i++) {
            rows.append("{\"id\": \"r").append(i).append("\", \"text\": \"");
            random.ints(1000, 'A', 'z').filter(c -> c != '\\').forEach(rows::appendCodePoint);
            rows.append("\"}\n");
        }
        return utf8(rows.toString());
    }

    // ---- archives

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Member(String name, byte[] content) {}

    private static Member member(String name) {
        return new Member(name, utf8("text of " + name));
    }

    private void archives() throws IOException {
        Member a = member("a.txt");
        Member b = member("b.txt");
        List<String> both = List.of("a.txt", "b.txt");
        byte[] good = zip(Deflater.DEFLATED, a, b);
        byte[] stored = zip(Deflater.NO_COMPRESSION, a, b);
        String damaged = "truncated or damaged";
        file("zip: empty file", "x.zip", new byte[0], List.of(), 1, damaged);
        file("zip: no archive", "x.zip", utf8("no archive"), List.of(), 1, damaged);
        file("zip: NULs", "x.zip", new byte[70_000], List.of(), 1, damaged);
        file("zip: cut in the middle", "x.zip", Arrays.copyOf(good, good.length / 2), List.of(), 1, damaged);
        file("zip: without its last byte", "x.zip", Arrays.copyOf(good, good.length - 1), List.of(), 1, damaged);
        file(
                "zip: its tail alone",
                "x.zip",
                Arrays.copyOfRange(good, good.length / 2, good.length),
                List.of(),
                1,
                damaged);
        file("zip: an archive of nothing", "x.zip", zip(Deflater.DEFLATED), List.of(), 0, "");
        file("zip: something in front", "x.zip", join(utf8("#!/bin/sh\n".repeat(9)), good), both, 0, "");
        file("zip: something behind", "x.zip", join(good, utf8("and so on")), both, 0, "");
        file(
                "zip: a content changed",
                "x.zip",
                replaced(stored, "text of a", "test of a"),
                List.of("b.txt"),
                1,
                "entry a.txt: truncated or damaged (its content does not match");
        file(
                "zip: packed content changed",
                "x.zip",
                flipped(good, 40),
                List.of("b.txt"),
                1,
                "entry a.txt: truncated or damaged");
        file("zip: a local header changed", "x.zip", flipped(good, 1), both, 0, "");
        file(
                "zip: unknown method",
                "x.zip",
                patched(good, "PK\1\2", 10, 99),
                List.of("b.txt"),
                1,
                "entry a.txt: truncated or damaged");
        file(
                "zip: encrypted",
                "x.zip",
                patched(good, "PK\1\2", 8, 1),
                List.of("b.txt"),
                1,
                "entry a.txt: truncated or damaged");
        file(
                "zip: a length of 4 GiB announced",
                "x.zip",
                patched(good, "PK\1\2", 24, 0xF0, 0xFF, 0xFF, 0xFF),
                List.of("b.txt"),
                1,
                "entry a.txt: longer than 67108864 bytes");
        file(
                "zip: a length that is too short",
                "x.zip",
                patched(stored, "PK\1\2", 24, 3, 0, 0, 0),
                List.of("b.txt"),
                1,
                "entry a.txt: truncated or damaged");
        file(
                "zip: an offset beyond the end",
                "x.zip",
                patched(good, "PK\1\2", 42, 0, 0, 0, 0x40),
                List.of(),
                1,
                "truncated or damaged");
        file(
                "zip: 65,535 entries announced",
                "x.zip",
                patched(good, "PK\5\6", 10, 0xFE, 0xFF),
                both,
                1,
                "not the entries that its end names");
        file(
                "zip: a directory beyond the end",
                "x.zip",
                patched(good, "PK\5\6", 16, 0, 0, 0, 0x40),
                List.of(),
                1,
                damaged);
        byte[] bomb = zip(Deflater.BEST_SPEED, new Member("bomb.txt", filled(TOO_LONG)), b);
        file("zip: a bomb", "x.zip", bomb, List.of("b.txt"), 1, "entry bomb.txt: longer than 67108864 bytes");
        file(
                "zip: a bomb that lies about its length",
                "x.zip",
                patched(bomb, "PK\1\2", 24, 9, 0, 0, 0),
                List.of("b.txt"),
                1,
                "entry bomb.txt: truncated or damaged");
        file(
                "zip: an archive in it",
                "x.zip",
                zip(Deflater.DEFLATED, new Member("in.zip", zip(Deflater.DEFLATED, a)), b),
                List.of("b.txt"),
                1,
                "entry in.zip (which ** selects): not UTF-8");
        file(
                "zip: a packed entry",
                "x.zip",
                zip(Deflater.DEFLATED, new Member("in.txt.gz", gzip(utf8("a"))), b),
                List.of("b.txt"),
                1,
                "not UTF-8");
        file(
                "zip: a picture in it",
                "x.zip",
                zip(Deflater.DEFLATED, new Member("a.png", bytes(0x89, 'P', 'N', 'G', 0, 1)), b),
                List.of("b.txt"),
                1,
                "not UTF-8: byte 0x89 at offset 0");
        file(
                "zip: an empty entry",
                "x.zip",
                zip(Deflater.DEFLATED, new Member("e.txt", new byte[0]), b),
                List.of("b.txt"),
                0,
                "");
        file(
                "zip: names that leave the folder",
                "x.zip",
                zip(Deflater.DEFLATED, member("../../etc/passwd"), member("/etc/passwd"), member("..\\x")),
                List.of("../../etc/passwd", "/etc/passwd", "../x"),
                0,
                "");
        file(
                "zip: odd names",
                "x.zip",
                zip(
                        Deflater.DEFLATED,
                        member("a b\n.txt"),
                        member("für.txt"),
                        member("a\0b.txt"),
                        member("日本/\uD83D\uDE00"),
                        member("C:*?<>|")),
                List.of("a b\n.txt", "für.txt", "a\0b.txt", "日本/\uD83D\uDE00", "C:*?<>|"),
                0,
                "");
        file(
                "zip: a name of 60,000 letters",
                "x.zip",
                zip(Deflater.DEFLATED, member("n".repeat(60_000))),
                List.of("n".repeat(60_000)),
                0,
                "");
        file(
                "zip: folders",
                "x.zip",
                zip(Deflater.DEFLATED, new Member("d/", new byte[0]), new Member("d.txt/", new byte[0]), b),
                List.of("b.txt"),
                0,
                "");
        file("zip: lines of JSON under its name", "x.zip", utf8(row("a")), List.of(), 1, damaged);
        file("zip: under the name of a text", "x.txt", good, List.of(), 1, "not UTF-8");
        file("zip: under the name of lines", "x.jsonl", good, List.of(), -1, "");
        file("zip: packed with gzip", "x.zip.gz", gzip(good), List.of(), 1, damaged);
        file("jar: cut", "x.jar", Arrays.copyOf(good, good.length - 30), List.of(), 1, damaged);
        file(
                "jar: class files",
                "x.jar",
                zip(Deflater.DEFLATED, new Member("A.class", bytes(0xCA, 0xFE, 0xBA, 0xBE)), b),
                List.of("b.txt"),
                1,
                "entry A.class");
        Member[] many = IntStream.range(0, 3000).mapToObj(i -> member("m" + i)).toArray(Member[]::new);
        file(
                "zip: 3,000 entries",
                "x.zip",
                zip(Deflater.DEFLATED, many),
                Arrays.stream(many).map(Member::name).toList(),
                0,
                "");
        byte[] named = zip(Deflater.NO_COMPRESSION, new Member("a.txt", utf8("one")), new Member("b.txt", utf8("two")));
        file("zip: a name twice", "x.zip", replaced(named, "b.txt", "a.txt"), List.of("a.txt", "a.txt"), 0, "");
        byte[] manyCut = zip(Deflater.NO_COMPRESSION, many);
        file(
                "zip: 3,000 entries without the directory",
                "x.zip",
                Arrays.copyOf(manyCut, manyCut.length / 3),
                List.of(),
                1,
                damaged);
    }

    // ---- Parquet

    private void parquet() throws IOException {
        String schema = "message m { optional binary id (STRING); optional binary text (STRING); }";
        byte[] good = parquet(
                schema,
                rows -> List.of(
                        rows.newGroup().append("id", "a").append("text", "text of a"),
                        rows.newGroup().append("id", "b").append("text", "text of b")));
        String damaged = "truncated or damaged";
        file("parquet: empty file", "x.parquet", new byte[0], List.of(), 1, damaged);
        file("parquet: no Parquet", "x.parquet", utf8("this is no Parquet file at all"), List.of(), 1, damaged);
        file("parquet: marks alone", "x.parquet", utf8("PAR1PAR1"), List.of(), 1, damaged);
        file("parquet: cut in the middle", "x.parquet", Arrays.copyOf(good, good.length / 2), List.of(), 1, damaged);
        file(
                "parquet: without its last byte",
                "x.parquet",
                Arrays.copyOf(good, good.length - 1),
                List.of(),
                1,
                damaged);
        file(
                "parquet: encrypted footer",
                "x.parquet",
                join(Arrays.copyOf(good, good.length - 4), utf8("PARE")),
                List.of(),
                1,
                damaged);
        file(
                "parquet: footer longer than the file",
                "x.parquet",
                patchedTail(good, 0xFF, 0xFF, 0xFF, 0x7F),
                List.of(),
                1,
                damaged);
        file(
                "parquet: footer of negative length",
                "x.parquet",
                patchedTail(good, 0xFF, 0xFF, 0xFF, 0xFF),
                List.of(),
                1,
                damaged);
        file("parquet: footer of length 0", "x.parquet", patchedTail(good, 0, 0, 0, 0), List.of(), 1, damaged);
        file("parquet: something behind", "x.parquet", join(good, utf8("x")), List.of(), 1, damaged);
        file("parquet: a page changed", "x.parquet", flipped(good, 40), List.of(), 1, "");
        file(
                "parquet: text column missing",
                "x.parquet",
                parquet(
                        "message m { optional binary body (STRING); }",
                        rows -> List.of(rows.newGroup().append("body", "a"))),
                List.of(),
                1,
                "no column of texts 'text' (--text-column, or text-column of the input, names another); its columns: body");
        file(
                "parquet: text is a number",
                "x.parquet",
                parquet(
                        "message m { required int64 text; }",
                        rows -> List.of(rows.newGroup().append("text", 1L))),
                List.of(),
                1,
                "no column of texts 'text'");
        file(
                "parquet: text is a list",
                "x.parquet",
                parquet(
                        "message m { repeated binary text (STRING); }",
                        rows -> List.of(rows.newGroup().append("text", "a"))),
                List.of(),
                1,
                "no column of texts 'text'");
        file(
                "parquet: text is a group",
                "x.parquet",
                parquet("message m { required group text { required binary a; } }", rows -> List.of(grouped(rows))),
                List.of(),
                1,
                "no column of texts 'text'");
        file(
                "parquet: a text that is null",
                "x.parquet",
                parquet(
                        schema,
                        rows -> List.of(
                                rows.newGroup().append("id", "a"),
                                rows.newGroup().append("id", "b").append("text", "t"))),
                List.of("b"),
                1,
                "row 1: no text in column 'text'");
        file(
                "parquet: a text that is not UTF-8",
                "x.parquet",
                parquet(
                        "message m { required binary id (STRING); required binary text; }",
                        rows -> List.of(
                                rows.newGroup()
                                        .append("id", "a")
                                        .append(
                                                "text",
                                                org.apache.parquet.io.api.Binary.fromConstantByteArray(bytes(0xFF, 1))),
                                rows.newGroup().append("id", "b").append("text", "t"))),
                List.of("b"),
                1,
                "row 1: not UTF-8: byte 0xFF");
        file(
                "parquet: no id column",
                "x.parquet",
                parquet(
                        "message m { required binary text (STRING); }",
                        rows -> List.of(rows.newGroup().append("text", "t"))),
                List.of("1"),
                0,
                "");
        file(
                "parquet: id is a double",
                "x.parquet",
                parquet(
                        "message m { required double id; required binary text (STRING); }",
                        rows -> List.of(rows.newGroup().append("id", 1.5).append("text", "t"))),
                List.of("1.5"),
                0,
                "");
        file(
                "parquet: id is a list",
                "x.parquet",
                parquet(
                        "message m { repeated int32 id; required binary text (STRING); }",
                        rows -> List.of(
                                rows.newGroup().append("id", 5).append("id", 6).append("text", "t"))),
                List.of("1"),
                0,
                "");
        file("parquet: no rows", "x.parquet", parquet(schema, rows -> List.of()), List.of(), 0, "");
        file(
                "parquet: ids that are equal",
                "x.parquet",
                parquet(
                        schema,
                        rows -> List.of(
                                rows.newGroup().append("id", "a").append("text", "1"),
                                rows.newGroup().append("id", "a").append("text", "2"))),
                List.of("a", "a"),
                0,
                "");
        String mapped =
                "message m { optional binary id (STRING); optional binary text (STRING); optional binary source (STRING); optional group metadata (MAP) { repeated group key_value { required %s key; optional %s value; } } }";
        file(
                "parquet: metadata that is null",
                "x.parquet",
                parquet(
                        mapped.formatted("binary", "binary"),
                        rows -> List.of(rows.newGroup()
                                .append("id", "a")
                                .append("text", "t")
                                .append("source", "s"))),
                List.of("a"),
                0,
                "");
        file(
                "parquet: source that is null",
                "x.parquet",
                parquet(
                        mapped.formatted("binary", "binary"),
                        rows -> List.of(
                                withMetadata(rows.newGroup().append("id", "a").append("text", "t"), "k"))),
                List.of("a"),
                0,
                "");
        file(
                "parquet: a value of metadata that is null",
                "x.parquet",
                parquet(
                        mapped.formatted("binary", "binary"),
                        rows -> List.of(withMetadata(
                                rows.newGroup()
                                        .append("id", "a")
                                        .append("text", "t")
                                        .append("source", "s"),
                                "k"))),
                List.of("a"),
                0,
                "");
        file(
                "parquet: metadata of numbers",
                "x.parquet",
                parquet(
                        mapped.formatted("binary", "int32"),
                        rows -> List.of(withMetadata(
                                rows.newGroup()
                                        .append("id", "a")
                                        .append("text", "t")
                                        .append("source", "s"),
                                "k"))),
                List.of("a"),
                0,
                "");
        file("parquet: lines under its name", "x.parquet", utf8(row("a")), List.of(), 1, damaged);
        file("parquet: packed with gzip", "x.parquet.gz", gzip(good), List.of(), 1, damaged);
    }

    private static Group grouped(SimpleGroupFactory rows) {
        Group row = rows.newGroup();
        row.addGroup("text").append("a", "x");
        return row;
    }

    private static Group withMetadata(Group row, String key) {
        row.addGroup("metadata").addGroup(0).append("key", key);
        return row;
    }

    // ---- crawls

    private int records;

    private void crawls() throws IOException {
        String plain = "Content-Type: text/plain";
        for (String kind : List.of("warc", "warc.gz")) {
            UnaryOperator<byte[]> packing = kind.endsWith("gz") ? BadInputs::gzip : UnaryOperator.identity();
            records = 0;
            byte[] a = packing.apply(response("200 OK", plain, utf8("text a")));
            byte[] b = packing.apply(response("200 OK", plain, utf8("text b".repeat(100))));
            String x = "x." + kind;
            String one = "<urn:uuid:00000000-0000-0000-0000-000000000001>";
            String two = "<urn:uuid:00000000-0000-0000-0000-000000000002>";
            List<String> both = List.of(one, two);
            file(kind + ": empty file", x, new byte[0], List.of(), 0, "");
            file(kind + ": whole", x, join(a, b), both, 0, "");
            file(
                    kind + ": no crawl",
                    x,
                    utf8("no crawl at all, but some lines\nof text\n"),
                    List.of(),
                    1,
                    "truncated or damaged");
            file(kind + ": NULs", x, new byte[2000], List.of(), 1, "truncated or damaged");
            file(
                    kind + ": cut in the second record",
                    x,
                    join(a, Arrays.copyOf(b, b.length * 3 / 4)),
                    List.of(one),
                    kind.equals("warc") ? 2 : 1,
                    "truncated or damaged");
            file(
                    kind + ": cut in the second header",
                    x,
                    join(a, Arrays.copyOf(b, 25)),
                    List.of(one),
                    1,
                    "truncated or damaged");
            file(
                    kind + ": garbage behind the end",
                    x,
                    join(a, utf8("and so on, and so on, and so on\n")),
                    List.of(one),
                    1,
                    "truncated or damaged");
            file(kind + ": NULs behind the end", x, join(a, new byte[100]), List.of(one), 1, "truncated or damaged");
        }
        damaged(
                "length announced too long",
                record("response", "application/http", utf8("HTTP/1.1 200 OK\r\n" + plain + "\r\n\r\nx")),
                "Content-Length: ",
                "Content-Length: 9");
        pages("not UTF-8", "200 OK", plain, bytes('a', 0xFF), 1, "not UTF-8: byte 0xFF at offset 1");
        records = 0;
        String packed = plain + "\r\nContent-Encoding: gzip";
        file(
                "warc: a page cut in gzip",
                "x.warc",
                join(
                        response("200 OK", packed, Arrays.copyOf(gzip(filled(5000)), 25)),
                        response("200 OK", plain, utf8("y"))),
                List.of(
                        "<urn:uuid:00000000-0000-0000-0000-000000000001>",
                        "<urn:uuid:00000000-0000-0000-0000-000000000002>"),
                1,
                "truncated or damaged");
        pages(
                "gzip that is none",
                "200 OK",
                plain + "\r\nContent-Encoding: gzip",
                utf8("plain"),
                1,
                "truncated or damaged");
        pages(
                "broken chunks",
                "200 OK",
                plain + "\r\nTransfer-Encoding: chunked",
                utf8("zz\r\nplain\r\n0\r\n\r\n"),
                0,
                "");
        pages("chunks cut", "200 OK", plain + "\r\nTransfer-Encoding: chunked", utf8("ff\r\nplain"), 1, "");
        pages("a bomb", "200 OK", plain + "\r\nContent-Encoding: gzip", longGzip, 1, "longer than 67108864 bytes");
        skipped("headers that are none", "200 OK", "\0\1\2\3", utf8("x"));
        pages("no status", "", plain, utf8("x"), 1, "not what its headers promise");
        pages("a status that is no number", "OK OK", plain, utf8("x"), 1, "not what its headers promise");
        skipped("a content type that is none", "200 OK", "Content-Type: ;;;=", utf8("x"));
        pages("a charset that is none", "200 OK", plain + "; charset=\"?\"", utf8("x"), 0, "");
        skipped("an empty page", "200 OK", plain, new byte[0]);
        records = 0;
        String badDate = new String(response("200 OK", plain, utf8("x")), StandardCharsets.UTF_8)
                .replace("2024-05-18T01:58:10Z", "yesterday");
        file(
                "warc: a date that is none",
                "x.warc",
                join(utf8(badDate), response("200 OK", plain, utf8("y"))),
                List.of(
                        "<urn:uuid:00000000-0000-0000-0000-000000000001>",
                        "<urn:uuid:00000000-0000-0000-0000-000000000002>"),
                0,
                "");
        records = 0;
        String noId = new String(response("200 OK", plain, utf8("x")), StandardCharsets.UTF_8)
                .replaceAll("WARC-Record-ID: [^\r]*\r\n", "");
        file("warc: no record id", "x.warc", utf8(noId), List.of("byte 0"), 0, "");
        records = 0;
        String badUri = new String(response("200 OK", plain, utf8("x")), StandardCharsets.UTF_8)
                .replace("http://a/1", "http://a/ b|c\\<>");
        file(
                "warc: an address that is none",
                "x.warc",
                utf8(badUri),
                List.of("<urn:uuid:00000000-0000-0000-0000-000000000001>"),
                0,
                "");
        records = 0;
        file(
                "wet: not UTF-8",
                "x.wet",
                join(
                        record("conversion", "text/plain", bytes('a', 0xC3, '(')),
                        record("conversion", "text/plain", utf8("b"))),
                List.of("<urn:uuid:00000000-0000-0000-0000-000000000002>"),
                1,
                "not UTF-8: byte 0xC3 at offset 1");
        records = 0;
        byte[] wet = gzip(record("conversion", "text/plain", noise(3000, 5, -1)));
        file("wet.gz: cut", "x.wet.gz", Arrays.copyOf(wet, 1000), List.of(), 1, "truncated or damaged");
        String arc = "filedesc://x.arc 0.0.0.0 20240518015810 text/plain 20\n1 0 Test\nURL IP DATE\n\n";
        file(
                "arc: cut",
                "x.arc",
                utf8(arc + "http://a/ 1.2.3.4 20240518015810 text/html 9999\nHTTP/1.0 200 OK\n\nhalf"),
                List.of(),
                2,
                "truncated or damaged");
        file("arc: no arc", "x.arc", utf8("nothing of the kind\n"), List.of(), 1, "truncated or damaged");
        file("arc.gz: no gzip", "x.arc.gz", utf8("nothing of the kind\n"), List.of(), 1, "truncated or damaged");
    }

    /** A response before a good one. */
    private void pages(String name, String status, String headers, byte[] body, int bad, String reason)
            throws IOException {
        records = 0;
        String first = bad == 0 ? "<urn:uuid:00000000-0000-0000-0000-000000000001>" : "";
        String second = "<urn:uuid:00000000-0000-0000-0000-000000000002>";
        byte[] content =
                join(response(status, headers, body), response("200 OK", "Content-Type: text/plain", utf8("good")));
        file(
                "warc: " + name,
                "x.warc",
                content,
                first.isEmpty() ? List.of(second) : List.of(first, second),
                bad,
                reason);
    }

    /** A response that is no text, before a good one. */
    private void skipped(String name, String status, String headers, byte[] body) throws IOException {
        records = 0;
        byte[] content =
                join(response(status, headers, body), response("200 OK", "Content-Type: text/plain", utf8("good")));
        file("warc: " + name, "x.warc", content, List.of("<urn:uuid:00000000-0000-0000-0000-000000000002>"), 0, "");
    }

    private void damaged(String name, byte[] record, String from, String to) {
        file(
                "warc: " + name,
                "x.warc",
                utf8(new String(record, StandardCharsets.UTF_8).replace(from, to)),
                List.of(),
                2,
                "truncated or damaged");
    }

    private byte[] response(String status, String headers, byte[] body) throws IOException {
        return record(
                "response",
                "application/http; msgtype=response",
                join(utf8("HTTP/1.1 " + status + "\r\n" + headers + "\r\n\r\n"), body));
    }

    private byte[] record(String type, String contentType, byte[] block) {
        records++;
        return join(
                utf8(String.join(
                        "\r\n",
                        "WARC/1.0",
                        "WARC-Type: " + type,
                        "WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-00000000000" + records + ">",
                        "WARC-Date: 2024-05-18T01:58:10Z",
                        "WARC-Target-URI: http://a/" + records,
                        "Content-Type: " + contentType,
                        "Content-Length: " + block.length,
                        "",
                        "")),
                block,
                utf8("\r\n\r\n"));
    }

    // ---- pages and texts

    private void page(String name, byte[] content) {
        file("html: " + name, "x.html", content, List.of("case/x.html"), 0, "");
    }

    private void pages() {
        file("html: empty file", "x.html", new byte[0], List.of(), 0, "");
        file("html: only a script", "x.html", utf8("<script>x()</script>"), List.of(), 0, "");
        page("no HTML", utf8("no HTML at all"));
        page("never closed", utf8("<html><body><p>text<b>more<table><td>x"));
        page("cut in a tag", utf8("<p>text<a href=\"http://a"));
        page("100,000 elements deep", utf8("<div>".repeat(100_000) + "text"));
        page("20,000 bold in bold", utf8("<b>".repeat(20_000) + "text"));
        page("100,000 open tables", utf8("<table>".repeat(100_000) + "text"));
        page("an attribute of a megabyte", utf8("<p title=\"" + "x".repeat(1 << 20) + "\">text"));
        page(
                "100,000 attributes",
                utf8("<p"
                        + IntStream.range(0, 100_000)
                                .mapToObj(i -> " a" + i + "=1")
                                .collect(java.util.stream.Collectors.joining())
                        + ">text"));
        page("a comment that never ends", utf8("<p>text<!-- and so on"));
        page("characters that are none", utf8("<p>text &#xD800; &#99999999999; &nosuch; &#0;"));
        page("NULs between", utf8("<p>te\0xt</p>\0"));
        page("Latin-1 that says UTF-8", "<meta charset=utf-8><p>für".getBytes(StandardCharsets.ISO_8859_1));
        page("a charset that is none", utf8("<meta charset=\"no such\"><p>text"));
        page("a charset of 16 bits that is a lie", utf8("<meta charset=\"utf-16\"><p>text"));
        page("UTF-16 with a mark", "<p>text".getBytes(StandardCharsets.UTF_16));
        page("a million lines", utf8("<p>x\n".repeat(300_000)));
        file(
                "html.gz: cut",
                "x.html.gz",
                Arrays.copyOf(gzip(noise(5000, 6, -1)), 2000),
                List.of(),
                1,
                "truncated or damaged");
        file("html.gz: over the limit", "x.html.gz", longGzip, List.of(), 1, "longer than 67108864 bytes");
    }

    private void text(String name, byte[] content, String reason) {
        file(
                "text: " + name,
                "x.txt",
                content,
                reason.isEmpty() ? List.of("case/x.txt") : List.of(),
                reason.isEmpty() ? 0 : 1,
                reason);
    }

    private void texts() {
        file("text: empty file", "x.txt", new byte[0], List.of(), 0, "");
        file("text: only a byte order mark", "x.txt", bytes(0xEF, 0xBB, 0xBF), List.of(), 0, "");
        text("byte order mark", join(bytes(0xEF, 0xBB, 0xBF), utf8("text")), "");
        text("NULs", utf8("a\0b"), "");
        text("one word of three megabytes", filled(3 << 20), "");
        file(
                "txt: one word of ten megabytes",
                "x.txt",
                filled(10 << 20),
                List.of(),
                1,
                "a word of 10485760 characters at character 0, 4194304 are allowed");
        text("replacement characters", utf8("\uFFFD".repeat(100)), "");
        text("noncharacters", utf8("\uFFFE\uFFFF\uD83F\uDFFE"), "");
        text("UTF-16 with a mark", "text".getBytes(StandardCharsets.UTF_16), "");
        text("UTF-32 with a mark", join(bytes(0xFF, 0xFE, 0, 0), "text".getBytes(Charset.forName("UTF-32LE"))), "");
        text("Latin-1", "für".getBytes(StandardCharsets.ISO_8859_1), "not UTF-8: byte 0xFC at offset 1");
        text("EBCDIC", "für alle".getBytes(Charset.forName("IBM500")), "not UTF-8");
        text("cut in a letter", Arrays.copyOf(utf8("eur €"), 6), "not UTF-8: byte 0xE2 at offset 4");
        text("a picture", bytes(0xFF, 0xD8, 0xFF, 0xE0, 0, 0x10), "not UTF-8: byte 0xFF at offset 0");
        text("noise", noise(10_000, 7, -1), "not UTF-8");
    }

    // ---- folders

    private void folder(String name, Maker maker, List<String> ids, int bad, String reason) {
        cases.add(new Case("folder: " + name, maker, ids, 0, bad, reason));
    }

    private void folders() {
        folder(
                "a link to itself",
                folder -> Files.createSymbolicLink(folder.resolve("x.jsonl"), Path.of("x.jsonl")),
                List.of(),
                1,
                "a link that leads nowhere");
        folder(
                "a link that leads nowhere",
                folder -> Files.createSymbolicLink(folder.resolve("x.jsonl"), Path.of("nowhere")),
                List.of(),
                1,
                "a link that leads nowhere");
        folder(
                "a link to the folder itself",
                folder -> Files.createSymbolicLink(folder.resolve("loop"), folder),
                List.of(),
                0,
                "");
        folder(
                "two links in a circle",
                folder -> {
                    Path sub = Files.createDirectories(folder.resolve("sub"));
                    Files.createSymbolicLink(sub.resolve("up"), folder);
                    Files.createSymbolicLink(sub.resolve("up2"), folder);
                    Files.writeString(sub.resolve("x.jsonl"), row("a"));
                },
                List.of("a"),
                0,
                "");
        folder(
                "a link to a file",
                folder -> {
                    Files.writeString(folder.resolve(".hidden.jsonl"), row("a"));
                    Files.createSymbolicLink(folder.resolve("x.jsonl"), Path.of(".hidden.jsonl"));
                },
                List.of("a"),
                0,
                "");
        folder(
                "a folder named like a file",
                folder -> {
                    Files.createDirectories(folder.resolve("x.jsonl"));
                    Files.createDirectories(folder.resolve("y.jsonl.gz"));
                    Files.writeString(folder.resolve("y.jsonl.gz/z.jsonl"), row("a"));
                },
                List.of("a"),
                0,
                "");
        folder(
                "names with odd characters",
                folder -> {
                    for (String name : List.of(
                            "a b", "a:b", "a%20b", "a#b", "a?b", "a*b", "a{b}", "[a]", "a\nb", "a\\b", "a+b&c=d",
                            "-rf")) {
                        Files.writeString(folder.resolve(name + ".txt"), "text");
                    }
                },
                List.of(
                        "case/-rf.txt",
                        "case/[a].txt",
                        "case/a\nb.txt",
                        "case/a b.txt",
                        "case/a#b.txt",
                        "case/a%20b.txt",
                        "case/a*b.txt",
                        "case/a+b&c=d.txt",
                        "case/a:b.txt",
                        "case/a?b.txt",
                        "case/a\\b.txt",
                        "case/a{b}.txt"),
                0,
                "");
        folder(
                "a name of 250 letters",
                folder -> Files.writeString(folder.resolve("n".repeat(246) + ".txt"), "text"),
                List.of("case/" + "n".repeat(246) + ".txt"),
                0,
                "");
        folder(
                "60 folders deep",
                folder -> {
                    Path deep = Files.createDirectories(folder.resolve("d/".repeat(60)));
                    Files.writeString(deep.resolve("x.jsonl"), row("a"));
                },
                List.of("a"),
                0,
                "");
        folder(
                "1,000 empty files",
                folder -> {
                    for (int i = 0; i < 1000; i++) {
                        Files.createFile(folder.resolve("e" + i + ".jsonl"));
                    }
                },
                List.of(),
                0,
                "");
        folder(
                "what others have begun and hidden",
                folder -> {
                    Files.createDirectories(folder.resolve("_temporary/0"));
                    Files.writeString(folder.resolve("_temporary/0/x.jsonl"), "half");
                    Files.writeString(folder.resolve(".x.jsonl.crc"), "half");
                },
                List.of(),
                0,
                "");
    }

    // ---- bytes

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] filled(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 'x');
        return bytes;
    }

    /** Random bytes without one of them. */
    private static byte[] noise(int length, long seed, int without) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        for (int i = 0; i < length; i++) {
            bytes[i] = bytes[i] == without ? (byte) 0xFF : bytes[i];
        }
        return bytes;
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] flipped(byte[] content, int at) {
        byte[] changed = content.clone();
        changed[at] ^= 0x55;
        return changed;
    }

    /** Overwrites bytes behind the first place of a mark. */
    private static byte[] patched(byte[] content, String mark, int offset, int... values) {
        int at = new String(content, StandardCharsets.ISO_8859_1).indexOf(mark) + offset;
        byte[] changed = content.clone();
        System.arraycopy(bytes(values), 0, changed, at, values.length);
        return changed;
    }

    private static byte[] patchedTail(byte[] content, int... length) {
        byte[] changed = content.clone();
        System.arraycopy(bytes(length), 0, changed, content.length - 8, 4);
        return changed;
    }

    private static byte[] replaced(byte[] content, String from, String to) {
        return new String(content, StandardCharsets.ISO_8859_1)
                .replace(from, to)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private interface Packing {
        OutputStream over(OutputStream out) throws IOException;
    }

    private static byte[] packed(byte[] content, Packing packing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = packing.over(bytes)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] gzip(byte[] content) {
        return packed(content, GZIPOutputStream::new);
    }

    private static byte[] zstd(byte[] content) {
        return packed(content, out -> new ZstdOutputStream(out).setChecksum(true));
    }

    private static byte[] bzip2(byte[] content) {
        return packed(content, out -> new BZip2CompressorOutputStream(out, 1));
    }

    private static byte[] xz(byte[] content) {
        return packed(content, XZCompressorOutputStream::new);
    }

    /** A header whose filter asks for the largest dictionary. */
    private static byte[] hugeXz(int dictionary) {
        byte[] xz = xz(utf8(row("a")));
        // stream header of 12 bytes, block header: size, flags, filter 0x21, 1 byte of properties, the dictionary
        xz[16] = (byte) dictionary;
        CRC32 crc = new CRC32();
        int header = (xz[12] + 1) * 4;
        crc.update(xz, 12, header - 4);
        ByteBuffer.wrap(xz).order(ByteOrder.LITTLE_ENDIAN).putInt(12 + header - 4, (int) crc.getValue());
        return xz;
    }

    private static byte[] zip(int level, Member... members) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setLevel(level == Deflater.DEFLATED ? Deflater.DEFAULT_COMPRESSION : level);
            for (Member member : members) {
                zip.putNextEntry(new ZipEntry(member.name));
                zip.write(member.content);
            }
        }
        return bytes.toByteArray();
    }

    private interface Rows {
        List<Group> of(SimpleGroupFactory factory);
    }

    private static byte[] parquet(String schema, Rows rows) throws IOException {
        MessageType type = MessageTypeParser.parseMessageType(schema);
        Path folder = Files.createTempDirectory("bad");
        Path file = folder.resolve("x.parquet");
        try {
            try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(
                            new org.apache.hadoop.fs.Path(file.toString()))
                    .withType(type)
                    .build()) {
                for (Group row : rows.of(new SimpleGroupFactory(type))) {
                    writer.write(row);
                }
            }
            return Files.readAllBytes(file);
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder.resolve(".x.parquet.crc"));
            Files.deleteIfExists(folder);
        }
    }
}
