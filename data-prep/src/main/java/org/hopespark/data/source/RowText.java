package org.hopespark.data.source;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.hopespark.conf.TextTemplate;

/** Makes a document of the columns of a row. */
final class RowText {
    private final InputFile file;
    private final TextTemplate template;

    RowText(InputFile file) {
        this.file = file;
        template = file.input().text();
    }

    /** Columns that make the text. */
    List<String> columns() {
        return template.columns();
    }

    /** Whether columns may hold numbers, too. */
    boolean joins() {
        return template.joins();
    }

    /** All columns that are read: those of the text, and that of the id. */
    Set<String> wanted() {
        Set<String> wanted = new LinkedHashSet<>(template.columns());
        wanted.add(file.input().idColumn());
        return wanted;
    }

    /**
     * The document of a row.
     *
     * @param valueOf the value of a column; empty if the row has none
     * @param id of the document
     * @throws CorruptInputException if the row has no text
     */
    Document document(String place, Function<String, Optional<String>> valueOf, String id) {
        String text = template.text(valueOf).orElseThrow(() -> CorruptInputException.row(place, missing()));
        String known = Texts.requireEncodable(place + ", its id", id);
        return new Document(known, Texts.requireEncodable(place, text), file.name());
    }

    private String missing() {
        return columns().size() == 1
                ? "no text in column '" + columns().get(0)
                        + "' (--text-column, or text-column of the input, names another)"
                : "nothing in any of the columns " + String.join(", ", columns()) + " (which --text-template, or"
                        + " text-template of the input, names)";
    }
}
