package org.hopespark.data.source;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.data.io.Json;
import org.hopespark.data.io.NullIfAbsent;
import org.jspecify.annotations.Nullable;

/**
 * An input file as the records of a data set name it.
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
public record SourceFile(
        String name,
        Format format,
        String textColumn,
        String idColumn,
        String entries,
        long bytes,
        String sha256,

        @NullIfAbsent @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
        String split,

        @NullIfAbsent @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
        String textTemplate)
        implements Serializable {

    /** A file as its input says that it is read. */
    public static SourceFile of(InputFile file, String sha256) {
        Input input = file.input();
        return new SourceFile(
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
    public static String sha256(List<SourceFile> sources) {
        StringBuilder all = new StringBuilder();
        sources.forEach(source -> all.append(new String(Json.write(source), StandardCharsets.UTF_8)));
        return DigestUtils.sha256Hex(all.toString());
    }
}
