package org.hopespark.data.shard;

import java.util.List;
import org.hopespark.data.filter.StageCount;
import org.hopespark.data.io.Json;

/**
 * What came of one part of a file.
 *
 * @param source the file's name
 * @param documents documents that were tokenized
 * @param heldOut of those, documents that are held out
 * @param lowestKey of those, compared unsigned; -1, which is the highest, without one
 * @param highestKey the same, and 0
 * @param stages reading first, then each filter
 * @param trainingBytes how often each byte occurs in texts for training
 * @param validationBytes the same for texts that are held out
 * @param bad rows that could not be read
 * @param badExamples the first of them, as messages
 */
@SuppressWarnings("ArrayRecordComponent") // carried from maker to user, never compared
public record PartReport(
        String source,
        long documents,
        long heldOut,
        long lowestKey,
        long highestKey,
        List<StageCount> stages,
        long[] trainingBytes,
        long[] validationBytes,
        long bad,
        List<String> badExamples) {
    public PartReport {
        stages = List.copyOf(stages);
        badExamples = List.copyOf(badExamples);
    }

    public byte[] toJson() {
        return Json.write(this);
    }

    /** The inverse of {@link #toJson}. */
    public static PartReport fromJson(byte[] json) {
        try {
            return Json.read(json, PartReport.class);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
