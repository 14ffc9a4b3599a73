package org.hopespark.jobs.report;

import java.util.ArrayList;
import java.util.List;

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
