package org.hopespark.data.shard;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.parquet.column.values.bloomfilter.XxHash;
import org.hopespark.conf.Checks;
import org.hopespark.data.io.NullIfAbsent;
import org.hopespark.data.source.Document;
import org.jspecify.annotations.Nullable;

/**
 * Where each document goes and how lanes are cut into rows.
 *
 * @param sequenceTokens S
 * @param alignTokens A; documents start at its multiples
 * @param lanes training lanes
 * @param validationLanes lanes of the documents that are held out
 * @param validationFraction part of the keys that is held out, from the lowest
 * @param seed of the keys
 * @param policy name of the packing rule
 * @param keyFunction name of the key function
 * @param heldOutKey the lowest of all keys, where none lay in the part that is held out: a few documents are held out
 *     by it; null where the fraction decides alone
 */
public record Packing(
        int sequenceTokens,
        int alignTokens,
        int lanes,
        int validationLanes,
        double validationFraction,
        long seed,
        String policy,
        String keyFunction,

        @NullIfAbsent @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
        Long heldOutKey)
        implements Serializable {
    static final String POLICY = "aligned-documents";
    static final String KEY_FUNCTION = "xxh64(seed,source,id)";

    public Packing {
        Checks checks = new Checks();
        checks.that(sequenceTokens >= 2, "sequence-tokens must be >= 2, got " + sequenceTokens);
        checks.that(
                alignTokens >= 1 && sequenceTokens % alignTokens == 0,
                "align-tokens must divide sequence-tokens " + sequenceTokens + ", got " + alignTokens);
        checks.that(lanes >= 1, "lanes must be >= 1, got " + lanes);
        checks.that(validationLanes >= 1, "validation-lanes must be >= 1, got " + validationLanes);
        checks.that(
                validationFraction >= 0 && validationFraction < 1,
                "validation-fraction must lie in 0..1, got " + validationFraction);
        checks.that(policy.equals(POLICY), "policy must be " + POLICY + ", got " + policy);
        checks.that(keyFunction.equals(KEY_FUNCTION), "key-function must be " + KEY_FUNCTION + ", got " + keyFunction);
        checks.done();
    }

    /** A packing with one validation lane. */
    public static Packing of(int sequenceTokens, int alignTokens, int lanes, double validationFraction, long seed) {
        return new Packing(sequenceTokens, alignTokens, lanes, 1, validationFraction, seed, POLICY, KEY_FUNCTION, null);
    }

    Packing withLanes(int training, int validation) {
        return new Packing(
                sequenceTokens,
                alignTokens,
                training,
                validation,
                validationFraction,
                seed,
                policy,
                keyFunction,
                heldOutKey);
    }

    /** The same that holds out the documents of this key, too. */
    Packing holdingOut(@Nullable Long key) {
        return new Packing(
                sequenceTokens,
                alignTokens,
                lanes,
                validationLanes,
                validationFraction,
                seed,
                policy,
                keyFunction,
                key);
    }

    /** Number of all lanes; those of the validation split come last. */
    public int allLanes() {
        return lanes + validationLanes;
    }

    /** The unsigned key that decides a document's place. */
    public long key(Document document) {
        byte[] source = document.source().getBytes(StandardCharsets.UTF_8);
        byte[] id = document.id().getBytes(StandardCharsets.UTF_8);
        return hash(ByteBuffer.allocate(Long.BYTES + source.length + 1 + id.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(seed)
                .put(source)
                .put((byte) 0)
                .put(id)
                .array());
    }

    /** The lane of a key: 0 .. lanes-1 for training, from there on for validation. */
    public int laneOf(long key) {
        return isHeldOut(key)
                ? lanes + (int) Long.remainderUnsigned(key, validationLanes)
                : (int) Long.remainderUnsigned(key, lanes);
    }

    boolean isHeldOut(long key) {
        return Long.compareUnsigned(key, heldOutBelow()) < 0 || (heldOutKey != null && heldOutKey == key);
    }

    private long heldOutBelow() {
        return new BigDecimal(validationFraction)
                .multiply(new BigDecimal(BigInteger.ONE.shiftLeft(Long.SIZE)))
                .toBigInteger()
                .longValue();
    }

    /** Whether a lane is of the validation split. */
    public boolean isValidation(int lane) {
        return lane >= lanes;
    }

    /** The file of a lane. */
    public String fileOf(int lane) {
        return isValidation(lane)
                ? String.format("validation-lane-%05d-of-%05d.parquet", lane - lanes, validationLanes)
                : String.format("lane-%05d-of-%05d.parquet", lane, lanes);
    }

    public static long hash(byte[] bytes) {
        return new XxHash().hashBytes(bytes);
    }

    public static long hash(long... numbers) {
        ByteBuffer buffer = ByteBuffer.allocate(numbers.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (long number : numbers) {
            buffer.putLong(number);
        }
        return hash(buffer.array());
    }
}
