package org.hopespark.data.corpus;

import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.hopespark.data.filter.StageCount;
import org.hopespark.data.io.Json;

/**
 * What a finished step of the corpus pipeline has done.
 *
 * @param step the step with all its settings
 * @param before hash of the record of the step before, or of the inputs
 * @param parts number of parts
 * @param counts reading first, then each stage, over all parts
 * @param sources what became of each source's documents behind the stages
 * @param content hash of what is kept, part by part
 * @param bad rows that could not be read
 * @param badExamples some of them, as messages
 */
public record StepRecord(
        String step,
        String before,
        int parts,
        List<StageCount> counts,
        List<SourceCount> sources,
        String content,
        long bad,
        List<String> badExamples) {
    private static final int EXAMPLES = 20;

    public StepRecord {
        counts = List.copyOf(counts);
        sources = List.copyOf(sources);
        badExamples = List.copyOf(badExamples);
    }

    static StepRecord of(String step, String before, List<PartEntry> entries) {
        List<StageCount> counts = List.of();
        StringBuilder content = new StringBuilder();
        for (PartEntry entry : entries) {
            counts = counts.isEmpty() ? entry.counts() : plus(counts, entry.counts());
            content.append(entry.keptSha256()).append('\n');
        }
        return new StepRecord(
                step,
                before,
                entries.size(),
                counts,
                SourceCount.sum(entries.stream()
                        .flatMap(entry -> entry.sources().stream())
                        .toList()),
                DigestUtils.sha256Hex(content.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII)),
                entries.stream().mapToLong(PartEntry::bad).sum(),
                entries.stream()
                        .flatMap(entry -> entry.badExamples().stream())
                        .limit(EXAMPLES)
                        .toList());
    }

    private static List<StageCount> plus(List<StageCount> a, List<StageCount> b) {
        return java.util.stream.IntStream.range(0, a.size())
                .mapToObj(i -> a.get(i).plus(b.get(i)))
                .toList();
    }

    /** Identifies this step's result in the record of the next one. */
    public String sha256() {
        return DigestUtils.sha256Hex(Json.write(this));
    }

    /** Documents that are kept. */
    public long documents() {
        return sources.stream().mapToLong(SourceCount::documentsOut).sum();
    }

    /** UTF-8 bytes of their texts. */
    public long bytes() {
        return sources.stream().mapToLong(SourceCount::bytesOut).sum();
    }
}
