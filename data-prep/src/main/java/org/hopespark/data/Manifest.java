package org.hopespark.data;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.OptBoolean;
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
import org.hopespark.conf.PrepareConfig.Input;
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
     * @param split how a text is cut; null if it is not
     * @param textTemplate what joins columns; null if none are joined
     */
    public record Source(
            String name,
            Format format,
            String textColumn,
            String idColumn,
            String entries,
            long bytes,
            String sha256,

            @JacksonInject(value = Json.SPLIT, useInput = OptBoolean.TRUE)
            @JsonInclude(JsonInclude.Include.NON_NULL)
            @Nullable
            String split,

            @JacksonInject(value = Json.TEXT_TEMPLATE, useInput = OptBoolean.TRUE)
            @JsonInclude(JsonInclude.Include.NON_NULL)
            @Nullable
            String textTemplate)
            implements Serializable {

        /** A file as its input says that it is read. */
        static Source of(InputFile file, String sha256) {
            Input input = file.input();
            return new Source(
                    file.name(),
                    file.format(),
                    input.textColumn(),
                    input.idColumn(),
                    input.entries(),
                    file.bytes(),
                    sha256,
                    input.split().isEmpty() ? null : input.split(),
                    input.textTemplate().isEmpty() ? null : input.textTemplate());
        }

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
            throw new ConfigException("the format is '" + format + "', version " + version + "; this program reads "
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
        List<Source> sources = new ArrayList<>();
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
        sources.sort(Comparator.comparing(Source::name));
        Recipe one = segments.values().iterator().next().recipe;
        Recipe recipe = one.with(sources).with(one.packing().withLanes(lanes, shards.size() - lanes));
        return of(recipe, documents, stages, shards, counts);
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
