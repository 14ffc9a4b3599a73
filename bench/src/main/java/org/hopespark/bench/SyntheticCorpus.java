package org.hopespark.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.compress.compressors.CompressorException;
import org.apache.commons.compress.compressors.CompressorStreamFactory;
import org.hopespark.data.source.Document;

/**
 * As much text as is wanted, out of the paragraphs of real documents. Every document is a function of the seed and its
 * number: some paragraphs, in each of which one word in sixteen is another one. A known share of documents are near
 * duplicates of one of the thousand before them: the same but for one word in two hundred, of Jaccard similarity 0.95.
 */
final class SyntheticCorpus {
    private static final int CHANGED_WORDS = 16;
    private static final int CHANGED_WORDS_OF_A_DUPLICATE = 200;
    private static final int BACK = 1_000;
    private static final int LEAST_PARAGRAPH = 80;
    private static final int LONGEST_PARAGRAPH = 2_000;
    private static final int SHORTEST = 1_000;
    private static final int DOUBLINGS = 4;
    private static final long FILE_BYTES = 64_000_000;

    private final List<String> paragraphs = new ArrayList<>();
    private final List<String> words = new ArrayList<>();
    private final long seed;
    private final double duplicates;

    /**
     * What has been written.
     *
     * @param bytes UTF-8 bytes of the texts
     * @param planted documents that are near duplicates of others
     */
    record Written(long documents, long bytes, long planted, int files) {}

    SyntheticCorpus(List<Document> documents, long seed, double duplicates) {
        this.seed = seed;
        this.duplicates = duplicates;
        for (Document document : documents) {
            for (String paragraph : document.text().split("\\R[ \\t]*\\R", -1)) {
                String text = paragraph.strip();
                if (text.length() >= LEAST_PARAGRAPH) {
                    paragraphs.add(text.length() > LONGEST_PARAGRAPH ? cut(text) : text);
                }
            }
        }
        if (paragraphs.size() < 2) {
            throw new IllegalArgumentException(
                    "there must be paragraphs of " + LEAST_PARAGRAPH + " characters to make a corpus of");
        }
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 1 << 16; i++) {
            String[] some = paragraphs.get(random.nextInt(paragraphs.size())).split("\\s+", -1);
            words.add(some[random.nextInt(some.length)]);
        }
    }

    private static String cut(String text) {
        return text.substring(0, Math.max(LEAST_PARAGRAPH, text.lastIndexOf(' ', LONGEST_PARAGRAPH)));
    }

    /** Whether a document is a near duplicate. */
    boolean isDuplicate(long number) {
        return number > 0 && random(number, 1).nextDouble() < duplicates;
    }

    /** The text of a document. */
    String text(long number) {
        if (isDuplicate(number)) {
            SplittableRandom random = random(number, 2);
            return changed(
                    text(number - 1 - random.nextLong(Math.min(number, BACK))), random, CHANGED_WORDS_OF_A_DUPLICATE);
        }
        SplittableRandom random = random(number, 3);
        int length = (int) (SHORTEST * Math.pow(2, DOUBLINGS * random.nextDouble()));
        StringBuilder text = new StringBuilder(length + LONGEST_PARAGRAPH);
        while (text.length() < length) {
            String paragraph = paragraphs.get(random.nextInt(paragraphs.size()));
            text.append(changed(paragraph, random, CHANGED_WORDS)).append("\n\n");
        }
        return text.toString();
    }

    private SplittableRandom random(long number, int purpose) {
        return new SplittableRandom((seed * 31 + purpose) * 0x9E3779B97F4A7C15L + number);
    }

    /** With other words at some places, one in so many on average. */
    private String changed(String text, SplittableRandom random, int oneIn) {
        StringBuilder changed = new StringBuilder(text.length() + 64);
        int at = 0;
        while (at < text.length()) {
            int end = at;
            while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
                end++;
            }
            if (end > at && random.nextInt(oneIn) == 0) {
                changed.append(words.get(random.nextInt(words.size())));
            } else {
                changed.append(text, at, end);
            }
            at = end;
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                changed.append(text.charAt(at++));
            }
        }
        return changed.toString();
    }

    /** Writes JSON lines, as Zstandard, into files of some tens of megabytes of text, until there are so many bytes. */
    Written write(long bytes, Path folder) throws IOException {
        Files.createDirectories(folder);
        long written = 0;
        long number = 0;
        long planted = 0;
        int files = 0;
        while (written < bytes) {
            Path file = folder.resolve(String.format("part-%05d.jsonl.zst", files++));
            long full = Math.min(bytes, written + FILE_BYTES);
            try (OutputStream out = new CompressorStreamFactory()
                    .createCompressorOutputStream("zstd", new BufferedOutputStream(Files.newOutputStream(file)))) {
                for (; written < full; number++) {
                    String text = text(number);
                    out.write(DocumentFiles.jsonLine(new Document(Long.toString(number), text, "")));
                    written += text.getBytes(StandardCharsets.UTF_8).length;
                    planted += isDuplicate(number) ? 1 : 0;
                }
            } catch (CompressorException e) {
                throw new IOException(e);
            }
        }
        return new Written(number, written, planted, files);
    }
}
