package org.hopespark.jobs.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

    /** A bar of a plot. */
    record Bar(String label, long value, String text) {}

    /** Bars with their names to the left and their values behind them. */
    static String bars(String title, List<Bar> bars) {
        long most = Math.max(1, bars.stream().mapToLong(Bar::value).max().orElse(1));
        int height = 26;
        StringBuilder svg = new StringBuilder("<figure><figcaption>" + escape(title) + "</figcaption>\n");
        svg.append(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 860 %d\" role=\"img\" aria-label=\"%s\">%n",
                bars.size() * height + 4,
                escape(title)));
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            svg.append(String.format(
                    Locale.ROOT,
                    "<text class=\"tick\" x=\"220\" y=\"%d\" text-anchor=\"end\">%s</text>"
                            + "<rect class=\"c0\" x=\"230\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>"
                            + "<text class=\"tick\" x=\"%.1f\" y=\"%d\">%s</text>%n",
                    i * height + 17,
                    escape(abridged(bar.label(), 34)),
                    i * height + 4,
                    400.0 * bar.value() / most,
                    height - 8,
                    238 + 400.0 * bar.value() / most,
                    i * height + 17,
                    escape(bar.text())));
        }
        return svg.append("</svg></figure>\n").toString();
    }

    static String abridged(String text, int letters) {
        return text.length() <= letters ? text : text.substring(0, letters) + "…";
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
