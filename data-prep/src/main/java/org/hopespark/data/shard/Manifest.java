package org.hopespark.data.shard;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.hopespark.conf.UserException;
import org.hopespark.data.filter.FilteredPart;
import org.hopespark.data.filter.StageCount;
import org.hopespark.data.io.Json;
import org.hopespark.data.source.SourceFile;
import org.jspecify.annotations.Nullable;

/**
 * What a data set is ({@code docs/reference/formats.md}). The SHA-256 of its canonical JSON is the data set's identity.
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

    /** Rows of the inputs that could not be read. */
    public long bad() {
        return stages.stream()
                .mapToLong(stage -> stage.removed().getOrDefault(FilteredPart.CORRUPT, 0L))
                .sum();
    }

    /** Reads what {@link #toJson} wrote; the version is looked at first, since it decides what else to expect. */
    static Manifest fromJson(byte[] json) throws IOException {
        JsonNode tree = Json.readTree(json);
        String format = tree.path("format").asText();
        int version = tree.path("format-version").asInt();
        if (!format.equals(FORMAT) || version != VERSION) {
            throw new UserException("the format is '" + format + "', version " + version + "; this program reads "
                    + FORMAT + ", version " + VERSION + ": prepare the data set again");
        }
        return Json.read(json, Manifest.class);
    }

    /** Puts the results of all parts and lanes together; the order in which they come makes no difference. */
    public static Manifest of(Recipe recipe, List<PartReport> reports, List<LaneEntry> lanes, TokenCounts counts) {
        Map<String, Long> documents = new TreeMap<>();
        recipe.sources().forEach(source -> documents.put(source.name(), 0L));
        List<StageCount> stages = new ArrayList<>();
        for (PartReport report : reports) {
            documents.merge(report.source(), report.documents(), Long::sum);
            add(stages, report.stages());
        }
        List<Shard> shards = new ArrayList<>();
        long firstRow = 0;
        for (LaneEntry entry : lanes.stream()
                .sorted(Comparator.comparing(entry -> entry.shard().lane()))
                .toList()) {
            int lane = entry.shard().lane();
            firstRow = lane == 0 || lane == recipe.packing().lanes() ? 0 : firstRow;
            shards.add(entry.shard().startingAt(firstRow));
            firstRow += entry.shard().rows();
        }
        return of(recipe, documents, stages, shards, counts);
    }

    private static Manifest of(
            Recipe recipe,
            Map<String, Long> documents,
            List<StageCount> stages,
            List<Shard> shards,
            @Nullable TokenCounts counts) {
        Split training = Split.of(split(shards, "training"));
        Split validation = Split.of(split(shards, "validation"));
        return new Manifest(
                FORMAT,
                VERSION,
                recipe,
                documents,
                stages,
                training,
                validation,
                counts == null ? null : counts.unigramBits(validation.utf8Bytes()),
                counts == null ? null : counts.byteUnigramBits(validation.utf8Bytes()),
                shards);
    }

    private static void add(List<StageCount> sum, List<StageCount> stages) {
        for (int i = 0; i < stages.size(); i++) {
            if (i == sum.size()) {
                sum.add(stages.get(i));
            } else {
                sum.set(i, sum.get(i).plus(stages.get(i)));
            }
        }
    }

    /**
     * What a manifest of some segments together says.
     *
     * @param segments the manifest of each, by its folder, which comes before the paths of its shards
     * @param counts of all of them, or null if they are not known
     */
    static Manifest of(Map<String, Manifest> segments, @Nullable TokenCounts counts) {
        List<SourceFile> sources = new ArrayList<>();
        Map<String, Long> documents = new TreeMap<>();
        List<StageCount> stages = new ArrayList<>();
        List<Shard> shards = new ArrayList<>();
        for (Manifest segment : segments.values()) {
            sources.addAll(segment.recipe.sources());
            documents.putAll(segment.documentsBySource);
            add(stages, segment.stages);
        }
        int lanes = 0;
        for (String split : List.of("training", "validation")) {
            long firstRow = 0;
            for (Map.Entry<String, Manifest> segment : segments.entrySet()) {
                for (Shard shard : split(segment.getValue().shards, split)) {
                    shards.add(shard.in(segment.getKey(), shards.size(), firstRow));
                    firstRow += shard.rows();
                }
            }
            lanes = split.equals("training") ? shards.size() : lanes;
        }
        sources.sort(Comparator.comparing(SourceFile::name));
        Recipe one = segments.values().iterator().next().recipe;
        Recipe recipe = one.with(sources).with(one.packing().withLanes(lanes, shards.size() - lanes));
        return of(recipe, documents, stages, shards, counts);
    }

    public static List<Shard> split(List<Shard> shards, String split) {
        return shards.stream().filter(shard -> shard.split().equals(split)).toList();
    }

    public List<Shard> trainingShards() {
        return split(shards, "training");
    }

    public List<Shard> validationShards() {
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
        return DigestUtils.sha256Hex(toJson());
    }
}
