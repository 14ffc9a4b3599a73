package org.hopespark.data;

import java.util.List;

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
        List<Manifest.Source> sources) {
    /** Raised when the same inputs and settings would give other rows. */
    private static final String TOOL = "hope-on-spark prepare 1";

    public Recipe {
        stages = List.copyOf(stages);
        sources = List.copyOf(sources);
    }

    public static Recipe of(Tokenizer tokenizer, Packing packing, List<Stage> stages, List<Manifest.Source> sources) {
        return new Recipe(
                TOOL,
                TokenizerInfo.of(tokenizer),
                IdType.ofTokens(tokenizer.vocabularySize()),
                packing,
                stages.stream().map(Stage::name).toList(),
                sources);
    }

    ShardSchema.Types types() {
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
