package org.hopespark.data.shard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import org.hopespark.data.filter.Stage;
import org.hopespark.data.io.Json;
import org.hopespark.data.source.SourceFile;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.data.tokenizer.TokenizerInfo;

/**
 * Everything that decides what a data set holds; equal recipes give equal data sets.
 *
 * @param tool who packed
 * @param tokenizer text to ids
 * @param dtype how ids are stored
 * @param packing ids to rows
 * @param stages names of the filters, in order
 * @param sources the input files, by name
 */
public record Recipe(
        String tool,
        TokenizerInfo tokenizer,
        IdType dtype,
        Packing packing,
        List<String> stages,
        List<SourceFile> sources) {
    /** Raised when the same inputs and settings would give other rows. */
    private static final String TOOL = "hope-on-spark prepare 1";

    public Recipe {
        stages = List.copyOf(stages);
        sources = List.copyOf(sources);
    }

    public static Recipe of(Tokenizer tokenizer, Packing packing, List<Stage> stages, List<SourceFile> sources) {
        return new Recipe(
                TOOL,
                TokenizerInfo.of(tokenizer),
                IdType.ofTokens(tokenizer.vocabularySize()),
                packing,
                stages.stream().map(Stage::name).toList(),
                sources);
    }

    /** The same of other files. */
    public Recipe with(List<SourceFile> others) {
        return new Recipe(tool, tokenizer, dtype, packing, stages, others);
    }

    Recipe with(Packing other) {
        return new Recipe(tool, tokenizer, dtype, other, stages, sources);
    }

    /** The same that holds out the documents of this key, too. */
    public Recipe holdingOut(long key) {
        return with(packing.holdingOut(key));
    }

    /** What was asked for, before the documents decided what is held out. */
    Recipe asked() {
        return with(packing.holdingOut(null));
    }

    /** What of this recipe, which is asked for, is not as in another one, which is there; for people. */
    public List<String> differencesFrom(Recipe other) {
        List<String> differences = new ArrayList<>();
        difference(differences, "tool", TextNode.valueOf(tool), TextNode.valueOf(other.tool));
        boolean sameName = tokenizer.name().equals(other.tokenizer.name());
        difference(
                differences,
                "tokenizer",
                sameName ? Json.tree(tokenizer) : TextNode.valueOf(tokenizer.name()),
                sameName ? Json.tree(other.tokenizer) : TextNode.valueOf(other.tokenizer.name()));
        difference(differences, "", Json.tree(asked().packing), Json.tree(other.asked().packing));
        difference(
                differences, "stages", TextNode.valueOf(stages.toString()), TextNode.valueOf(other.stages.toString()));
        if (!sources.equals(other.sources)) {
            differences.add("input files or how they are read");
        }
        return differences;
    }

    /** Names the values that differ, not the records that hold them. */
    private static void difference(List<String> differences, String name, JsonNode wanted, JsonNode found) {
        if (wanted.isObject()) {
            wanted.fieldNames()
                    .forEachRemaining(field -> difference(
                            differences, (name + " " + field).strip(), wanted.get(field), found.path(field)));
        } else if (!wanted.equals(found)) {
            differences.add(name + ": " + wanted.asText() + " asked for, " + found.asText() + " there");
        }
    }

    public ShardSchema.Types types() {
        return ShardSchema.Types.of(packing, tokenizer.vocabularySize());
    }

    /** As text; what travels to an executor. */
    public byte[] toJson() {
        return Json.write(this);
    }

    /** The inverse of {@link #toJson}. */
    public static Recipe fromJson(byte[] json) {
        try {
            return Json.read(json, Recipe.class);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
