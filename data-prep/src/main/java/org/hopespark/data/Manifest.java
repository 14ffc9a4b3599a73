package org.hopespark.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.hopespark.conf.ConfigException;
import org.hopespark.conf.PrepareConfig.Format;
import org.jspecify.annotations.Nullable;

/**
 * What a data set is ({@code docs/formats.md}). The SHA-256 of its canonical JSON is the data set's identity.
 *
 * @param format always {@link #FORMAT}
 * @param formatVersion always {@link #VERSION}
 * @param recipe what was asked for
 * @param documentsBySource documents of each input file
 * @param stages reading and each filter
 * @param training what is trained on
 * @param validation what is held out
 * @param unigramBitsPerByte see {@link #unigramBits()}
 * @param byteUnigramBitsPerByte see {@link #byteUnigramBits()}
 * @param shards by lane, training first
 */
public record Manifest(
        String format,
        int formatVersion,
        Recipe recipe,
        Map<String, Long> documentsBySource,
        List<StageCount> stages,
        Split training,
        Split validation,
        @Nullable Double unigramBitsPerByte,
        @Nullable Double byteUnigramBitsPerByte,
        List<Shard> shards) {
    static final String FORMAT = "hope-packed-tokens";
    static final int VERSION = 1;

    /**
     * An input file.
     *
     * @param name what its documents call it
     * @param format how it was read
     * @param textColumn column of the text
     * @param idColumn column of the id
     * @param entries pattern of an archive's entries
     * @param bytes its length
     * @param sha256 of its content
     */
    public record Source(
            String name, Format format, String textColumn, String idColumn, String entries, long bytes, String sha256)
            implements Serializable {

        /** Identifies some input files and how they are read. */
        public static String sha256(List<Source> sources) {
            StringBuilder all = new StringBuilder();
            sources.forEach(source -> all.append(new String(Json.write(source), StandardCharsets.UTF_8)));
            return Storage.sha256(all.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    /**
     * Sums over the shards of a split.
     *
     * @param documents documents
     * @param utf8Bytes length of their texts
     * @param rows rows
     * @param realTokens ids of documents with their marks
     * @param paddingTokens other ids
     * @param targetTokens ids that are predicted
     */
    public record Split(
            long documents, long utf8Bytes, long rows, long realTokens, long paddingTokens, long targetTokens) {
        static Split of(List<Shard> shards) {
            return new Split(
                    shards.stream().mapToLong(Shard::documents).sum(),
                    shards.stream().mapToLong(Shard::utf8Bytes).sum(),
                    shards.stream().mapToLong(Shard::rows).sum(),
                    shards.stream().mapToLong(Shard::realTokens).sum(),
                    shards.stream().mapToLong(Shard::paddingTokens).sum(),
                    shards.stream().mapToLong(Shard::targetTokens).sum());
        }
    }

    public Manifest {
        documentsBySource = Map.copyOf(documentsBySource);
        stages = List.copyOf(stages);
        shards = List.copyOf(shards);
    }

    /** Reads what {@link #toJson} wrote; the version is looked at first, since it decides what else to expect. */
    static Manifest fromJson(byte[] json) throws IOException {
        JsonNode tree = Json.readTree(json);
        String format = tree.path("format").asText();
        int version = tree.path("format-version").asInt();
        if (!format.equals(FORMAT) || version != VERSION) {
            throw new ConfigException("the format is '" + format + "', version " + version + "; this program reads "
                    + FORMAT + ", version " + VERSION + ": prepare the data set again");
        }
        return Json.read(json, Manifest.class);
    }

    /** Puts the results of all parts and lanes together; the order in which they come makes no difference. */
    public static Manifest of(Recipe recipe, List<PartReport> reports, List<LaneEntry> lanes) {
        Map<String, Long> documents = new TreeMap<>();
        recipe.sources().forEach(source -> documents.put(source.name(), 0L));
        List<StageCount> stages = new ArrayList<>();
        long[] trainingBytes = new long[256];
        long[] validationBytes = new long[256];
        for (PartReport report : reports) {
            documents.merge(report.source(), report.documents(), Long::sum);
            add(trainingBytes, report.trainingBytes());
            add(validationBytes, report.validationBytes());
            for (int i = 0; i < report.stages().size(); i++) {
                if (i == stages.size()) {
                    stages.add(report.stages().get(i));
                } else {
                    stages.set(i, stages.get(i).plus(report.stages().get(i)));
                }
            }
        }
        long[] trainingTargets = new long[recipe.tokenizer().vocabularySize()];
        long[] validationTargets = new long[recipe.tokenizer().vocabularySize()];
        List<Shard> shards = new ArrayList<>();
        long firstRow = 0;
        for (LaneEntry entry : lanes.stream()
                .sorted(Comparator.comparing(entry -> entry.shard().lane()))
                .toList()) {
            int lane = entry.shard().lane();
            firstRow = lane == 0 || lane == recipe.packing().lanes() ? 0 : firstRow;
            shards.add(entry.shard().startingAt(firstRow));
            firstRow += entry.shard().rows();
            add(recipe.packing().isValidation(lane) ? validationTargets : trainingTargets, entry.targetCounts());
        }
        Split training = Split.of(split(shards, "training"));
        Split validation = Split.of(split(shards, "validation"));
        boolean measurable = validation.utf8Bytes() > 0;
        return new Manifest(
                FORMAT,
                VERSION,
                recipe,
                documents,
                stages,
                training,
                validation,
                measurable ? bitsPerByte(trainingTargets, validationTargets, validation.utf8Bytes()) : null,
                measurable ? bitsPerByte(trainingBytes, validationBytes, validation.utf8Bytes()) : null,
                shards);
    }

    private static void add(long[] sum, long[] counts) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += counts[i];
        }
    }

    /** Cross-entropy of {@code validation} under the frequencies of {@code training}, one added to each count. */
    static double bitsPerByte(long[] training, long[] validation, long utf8Bytes) {
        double total = training.length;
        for (long count : training) {
            total += count;
        }
        double nats = 0;
        for (int i = 0; i < training.length; i++) {
            // StrictMath: the same bits on every machine, since the manifest's hash depends on them.
            nats -= validation[i] * StrictMath.log((training[i] + 1) / total);
        }
        return nats / StrictMath.log(2) / utf8Bytes;
    }

    static List<Shard> split(List<Shard> shards, String split) {
        return shards.stream().filter(shard -> shard.split().equals(split)).toList();
    }

    List<Shard> trainingShards() {
        return split(shards, "training");
    }

    List<Shard> validationShards() {
        return split(shards, "validation");
    }

    /**
     * Cross-entropy of the validation targets under the training targets' frequencies, in bits per UTF-8 byte of
     * validation text: what a model must beat that knows nothing but how frequent each token is. Empty without
     * validation documents.
     */
    public OptionalDouble unigramBits() {
        return Optional.ofNullable(unigramBitsPerByte).map(OptionalDouble::of).orElse(OptionalDouble.empty());
    }

    /** The same for the bytes of texts. */
    public OptionalDouble byteUnigramBits() {
        return Optional.ofNullable(byteUnigramBitsPerByte)
                .map(OptionalDouble::of)
                .orElse(OptionalDouble.empty());
    }

    /** Canonical JSON. */
    public byte[] toJson() {
        return Json.write(this);
    }

    /** SHA-256 of the canonical JSON: the identity of the data set. */
    public String sha256() {
        return Storage.sha256(toJson());
    }
}
