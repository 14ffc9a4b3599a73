package org.hopespark.data.shard;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How often each id and each byte occurs in a data set.
 *
 * @param trainingTargets by id, as a target of the training split
 * @param validationTargets the same for what is held out
 * @param trainingBytes by byte, in the texts of the training split
 * @param validationBytes the same for what is held out
 */
@SuppressWarnings("ArrayRecordComponent") // carried from maker to user, never compared
public record TokenCounts(
        long[] trainingTargets, long[] validationTargets, long[] trainingBytes, long[] validationBytes) {

    static TokenCounts of(Recipe recipe, List<PartReport> reports, List<LaneEntry> lanes) {
        int vocabulary = recipe.tokenizer().vocabularySize();
        TokenCounts counts = new TokenCounts(new long[vocabulary], new long[vocabulary], new long[256], new long[256]);
        for (LaneEntry entry : lanes) {
            boolean heldOut = recipe.packing().isValidation(entry.shard().lane());
            add(heldOut ? counts.validationTargets : counts.trainingTargets, entry.targetCounts());
        }
        for (PartReport report : reports) {
            add(counts.trainingBytes, report.trainingBytes());
            add(counts.validationBytes, report.validationBytes());
        }
        return counts;
    }

    /** Of both data sets together. */
    TokenCounts plus(TokenCounts other) {
        return new TokenCounts(
                sum(trainingTargets, other.trainingTargets),
                sum(validationTargets, other.validationTargets),
                sum(trainingBytes, other.trainingBytes),
                sum(validationBytes, other.validationBytes));
    }

    private static long[] sum(long[] a, long[] b) {
        long[] sum = a.clone();
        add(sum, b);
        return sum;
    }

    private static void add(long[] sum, long[] counts) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += counts[i];
        }
    }

    /** {@link Manifest#unigramBits()}, or null without validation text. */
    @Nullable
    Double unigramBits(long utf8Bytes) {
        return utf8Bytes > 0 ? bitsPerByte(trainingTargets, validationTargets, utf8Bytes) : null;
    }

    /** {@link Manifest#byteUnigramBits()}, or null without validation text. */
    @Nullable
    Double byteUnigramBits(long utf8Bytes) {
        return utf8Bytes > 0 ? bitsPerByte(trainingBytes, validationBytes, utf8Bytes) : null;
    }

    /** Cross-entropy of {@code validation} under the frequencies of {@code training}, one added to each count. */
    public static double bitsPerByte(long[] training, long[] validation, long utf8Bytes) {
        double total = training.length + Arrays.stream(training).sum();
        double nats = 0;
        for (int i = 0; i < training.length; i++) {
            // StrictMath: the same bits on every machine, since the manifest's hash depends on them.
            nats -= validation[i] * StrictMath.log((training[i] + 1) / total);
        }
        return nats / StrictMath.log(2) / utf8Bytes;
    }
}
