package org.hopespark.data.corpus;

import java.util.List;
import org.hopespark.data.filter.StageCount;

/**
 * What a step of the corpus pipeline has made of one part.
 *
 * @param index the part's number, in the order of the inputs
 * @param counts reading first, then each stage
 * @param sources what became of each source's documents behind the stages
 * @param keptSha256 of the file of what is kept
 * @param bad rows that could not be read
 * @param badExamples the first of them, as messages
 */
public record PartEntry(
        int index,
        List<StageCount> counts,
        List<SourceCount> sources,
        String keptSha256,
        long bad,
        List<String> badExamples) {
    public PartEntry {
        counts = List.copyOf(counts);
        sources = List.copyOf(sources);
        badExamples = List.copyOf(badExamples);
    }
}
