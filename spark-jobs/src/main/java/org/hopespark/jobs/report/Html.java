package org.hopespark.jobs.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Pieces of a page. All text passes {@link #escape}. */
final class Html {
    private Html() {}

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** A name, its value, and what is said in small letters below; stands in a {@code dl} of class {@code facts}. */
    static String fact(String name, String value, String beside) {
        return "<div><dt>" + escape(name) + "</dt><dd>" + escape(value) + "<small>" + escape(beside)
                + "</small></dd></div>\n";
    }

    /** A style sheet of the jar. */
    static String style(String file) {
        try (InputStream in =
                Objects.requireNonNull(Html.class.getResourceAsStream(file), () -> "the jar must hold " + file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A table: columns first, then rows. */
    static final class Table {
        private final StringBuilder heads = new StringBuilder();
        private final List<String> classes = new ArrayList<>();
        private final StringBuilder rows = new StringBuilder();

        /** Adds columns of text. */
        Table texts(String... columns) {
            return columns("text", columns);
        }

        /** Adds columns of numbers, which stand to the right. */
        Table numbers(String... columns) {
            return columns("number", columns);
        }

        Table row(String... cells) {
            rows.append("<tr>");
            for (int i = 0; i < cells.length; i++) {
                rows.append("<td class=\"").append(classes.get(i)).append("\">");
                rows.append(escape(cells[i])).append("</td>");
            }
            rows.append("</tr>\n");
            return this;
        }

        boolean isEmpty() {
            return rows.isEmpty();
        }

        @Override
        public String toString() {
            return "<div class=\"wide\"><table>\n<tr>" + heads + "</tr>\n" + rows + "</table></div>\n";
        }

        private Table columns(String kind, String... columns) {
            for (String column : columns) {
                classes.add(kind);
                heads.append("<th class=\"")
                        .append(kind)
                        .append("\">")
                        .append(escape(column))
                        .append("</th>");
            }
            return this;
        }
    }
}
