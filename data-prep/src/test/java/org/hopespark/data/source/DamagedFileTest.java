package org.hopespark.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.hopespark.data.filter.FilteredPart;
import org.hopespark.data.shard.SmallData;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Whatever happens to a compressed file, no document of it is lost without a report. */
final class DamagedFileTest {
    /** Noise, so that every byte counts. */
    private static final List<String> TEXTS = List.of("q7&Zr", "x", "kX!0", "mü", "8.V_u");

    @TempDir
    private Path folder;

    /** A file of two frames (streams, members); a cut between them leaves a whole file. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Packed(String name, byte[] content, int boundary) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Packed> files() throws IOException {
        return Stream.of(
                frames("a.jsonl.zst", out -> new ZstdOutputStream(out).setChecksum(true)),
                frames("a.jsonl.gz", GZIPOutputStream::new),
                frames("a.jsonl.bz2", out -> new BZip2CompressorOutputStream(out, 1)),
                frames("a.jsonl.xz", out -> new XZOutputStream(out, new LZMA2Options(0))),
                new Packed("a.zip", zip(), 0),
                gzip("a.json.gz", "[{\"text\": \"", "\"}, {\"text\": \"", "\"}]"),
                gzip("a.csv.gz", "text,n\n\"", "\",1\n\"", "\",1\n"),
                gzip("a.tsv.gz", "n\ttext\n1\t\"", "\"\n1\t\"", "\"\n"));
    }

    private static Packed gzip(String name, String before, String between, String behind) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write((before + String.join(between, TEXTS) + behind).getBytes(StandardCharsets.UTF_8));
        }
        return new Packed(name, bytes.toByteArray(), 0);
    }

    @ParameterizedTest
    @MethodSource("files")
    void aCutLosesNothingInSilence(Packed file) throws IOException {
        List<String> whole = requireWhole(file);
        for (int length = 1; length < file.content.length; length++) {
            if (length != file.boundary) {
                requireReport(file.name, Arrays.copyOf(file.content, length), whole, "cut after byte " + length);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void aBitThatFlipsLosesNothingInSilence(Packed file) throws IOException {
        List<String> whole = requireWhole(file);
        for (int at = 0; at < file.content.length; at++) {
            byte[] content = file.content.clone();
            content[at] ^= (byte) (1 << (at % 8));
            requireReport(file.name, content, whole, "bit " + (at % 8) + " of byte " + at);
        }
    }

    private List<String> requireWhole(Packed file) throws IOException {
        Result result = read(file.name, file.content);
        assertThat(result.problems).isEmpty();
        assertThat(result.texts).containsExactlyElementsOf(TEXTS);
        return result.texts;
    }

    private void requireReport(String name, byte[] content, List<String> whole, String damage) throws IOException {
        Result result = read(name, content);
        if (result.problems.isEmpty()) {
            assertThat(result.texts).as(damage).isEqualTo(whole);
        }
    }

    private record Result(List<String> texts, List<String> problems) {}

    private Result read(String name, byte[] content) throws IOException {
        InputFile file = InputFile.list(
                        List.of(SmallData.input(Files.write(folder.resolve(name), content))), SmallData.STORAGE)
                .get(0);
        try (FilteredPart part = new FilteredPart(
                file.parts(1).get(0), SmallData.STORAGE, List.of(), Long.MAX_VALUE, FilteredPart.Removals.NONE)) {
            List<String> texts = new ArrayList<>();
            part.forEachRemaining(document -> texts.add(document.text()));
            return new Result(texts, part.badExamples());
        }
    }

    private interface Packing {
        OutputStream over(OutputStream out) throws IOException;
    }

    private static Packed frames(String name, Packing packing) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(packed(packing, TEXTS.subList(0, 3)));
        int boundary = all.size();
        all.write(packed(packing, TEXTS.subList(3, TEXTS.size())));
        return new Packed(name, all.toByteArray(), boundary);
    }

    private static byte[] packed(Packing packing, List<String> texts) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = packing.over(bytes)) {
            for (String text : texts) {
                out.write(("{\"text\": \"" + text + "\"}\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] zip() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < TEXTS.size(); i++) {
                zip.putNextEntry(new ZipEntry(i + ".txt"));
                zip.write(TEXTS.get(i).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }
}
