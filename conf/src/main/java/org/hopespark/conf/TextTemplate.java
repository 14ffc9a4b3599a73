package org.hopespark.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the columns of a row become a text: literals around the values of columns, such as {@code {title}\n{body}}.
 *
 * @param literals what stands before each column, and behind the last
 * @param columns their names, with points between those of nested ones
 */
public record TextTemplate(List<String> literals, List<String> columns) {
    private static final Pattern COLUMN = Pattern.compile("\\{([^{}]+)}");

    public TextTemplate {
        literals = List.copyOf(literals);
        columns = List.copyOf(columns);
    }

    /** The text is one column. */
    static TextTemplate ofColumn(String column) {
        return new TextTemplate(List.of("", ""), List.of(column));
    }

    /**
     * A template with a column's name in each pair of braces; {@code \n} and {@code \t} are a line break and a tab.
     *
     * @throws IllegalArgumentException if it names no column
     */
    static TextTemplate of(String template) {
        List<String> literals = new ArrayList<>();
        List<String> columns = new ArrayList<>();
        Matcher column = COLUMN.matcher(template);
        int end = 0;
        for (; column.find(); end = column.end()) {
            literals.add(unescaped(template.substring(end, column.start())));
            columns.add(column.group(1));
        }
        if (columns.isEmpty()) {
            throw new IllegalArgumentException(
                    "text-template must name columns in braces, such as '{title}\\n{body}', got '" + template + "'");
        }
        literals.add(unescaped(template.substring(end)));
        return new TextTemplate(literals, columns);
    }

    /** A shell hands over a backslash and an n where its user means a line break. */
    static String unescaped(String text) {
        return text.replace("\\n", "\n").replace("\\t", "\t");
    }

    /** Whether several columns, or something around one, make the text: then they may be numbers, too. */
    public boolean joins() {
        return !literals.equals(List.of("", ""));
    }

    /**
     * The text of a row, in which a column without a value is an empty one.
     *
     * @param valueOf the value of a column
     * @return empty if none of the columns has a value
     */
    public Optional<String> text(Function<String, Optional<String>> valueOf) {
        StringBuilder text = new StringBuilder(literals.get(0));
        boolean any = false;
        for (int i = 0; i < columns.size(); i++) {
            Optional<String> value = valueOf.apply(columns.get(i));
            any |= value.isPresent();
            text.append(value.orElse("")).append(literals.get(i + 1));
        }
        return any ? Optional.of(text.toString()) : Optional.empty();
    }
}
