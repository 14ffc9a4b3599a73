package org.hopespark.jobs.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;
import org.hopespark.text.Printable;
import org.hopespark.text.Secrets;

/**
 * Markup. The only way to it is {@link #tag}, in which every string is text: nothing that a file says can become an
 * element or an attribute, and nothing has to be escaped elsewhere.
 */
final class Html {
    static final Html NOTHING = new Html("");

    /** Elements after which a line ends. */
    private static final Set<String> BLOCKS =
            Set.of("h1", "h2", "h3", "h4", "p", "pre", "tr", "li", "ul", "dl", "div", "figure", "figcaption", "svg");

    /** Elements that hold nothing and have no end. */
    private static final Set<String> VOID = Set.of("input");

    private static final String SCRIPT = resource("plot.js");

    private final String markup;

    private Html(String markup) {
        this.markup = markup;
    }

    /** An attribute of an element. */
    record Attribute(String name, String value) {}

    /** An attribute; numbers with a fraction are places in a plot and are written with one digit of it. */
    static Attribute at(String name, Object value) {
        return new Attribute(
                name, value instanceof Double place ? String.format(Locale.ROOT, "%.1f", place) : value.toString());
    }

    /** The attribute {@code class}. */
    static Attribute kind(String names) {
        return at("class", names);
    }

    /** An element. Its parts are attributes, markup, and text: whatever is neither of the two. */
    static Html tag(String name, Object... parts) {
        StringBuilder head = new StringBuilder("<").append(name);
        StringBuilder content = new StringBuilder();
        for (Object part : parts) {
            if (part instanceof Attribute attribute) {
                head.append(' ').append(attribute.name).append("=\"");
                head.append(escape(attribute.value)).append('"');
            } else {
                content.append(part instanceof Html html ? html.markup : escape(part.toString()));
            }
        }
        head.append('>');
        if (!VOID.contains(name)) {
            head.append(content).append("</").append(name).append('>');
        }
        return new Html(BLOCKS.contains(name) ? head.append('\n').toString() : head.toString());
    }

    /** One after the other. */
    static Html all(List<Html> parts) {
        StringBuilder markup = new StringBuilder();
        parts.forEach(part -> markup.append(part.markup));
        return new Html(markup.toString());
    }

    /** One after the other. */
    static Html all(Html... parts) {
        return all(List.of(parts));
    }

    /** Text. */
    static Html text(String text) {
        return new Html(escape(text));
    }

    /** A heading with what follows; nothing if nothing follows. */
    static Html section(String heading, Html... content) {
        Html inside = all(content);
        return inside.isEmpty() ? NOTHING : all(tag("h2", heading), inside);
    }

    /** A note in small print. */
    static Html quiet(Object... parts) {
        return all(tag("p", concat(kind("quiet"), parts)));
    }

    /** A whole page of one file, with nothing that is loaded from elsewhere and one script, that of the plots. */
    static Html page(String title, Html... content) {
        return new Html("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                + "<meta http-equiv=\"Content-Security-Policy\""
                + " content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + hash(SCRIPT)
                + "'\">\n"
                + tag("title", title)
                + style("report.css")
                + "</head><body><main>\n"
                + tag("h1", title)
                + all(content)
                + "</main>\n<script>" + SCRIPT + "</script></body></html>\n");
    }

    /** A style sheet of the jar. */
    static Html style(String file) {
        return new Html("<style>\n" + resource(file) + "</style>\n");
    }

    private static String resource(String file) {
        try (InputStream in =
                Objects.requireNonNull(Html.class.getResourceAsStream(file), () -> "the jar must hold " + file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By which a page allows this script, and no other. */
    private static String hash(String script) {
        return Base64.getEncoder().encodeToString(DigestUtils.sha256(script));
    }

    /** The markup. */
    @Override
    public String toString() {
        return markup;
    }

    boolean isEmpty() {
        return markup.isEmpty();
    }

    /** Text as it is shown: what could not be seen is made visible, secrets are not. */
    static String shown(String text) {
        return Printable.of(Secrets.hidden(text));
    }

    private static String escape(String text) {
        return shown(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static Object[] concat(Object first, Object... others) {
        List<Object> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(others));
        return all.toArray();
    }

    /** A name, its value, and what is said in small letters below; stands in {@link #facts}. */
    static Html fact(String name, String value, String beside) {
        return tag("div", tag("dt", name), tag("dd", value, tag("small", beside)));
    }

    static Html facts(Html... facts) {
        return tag("dl", kind("facts"), all(facts));
    }

    /** A figure with an attribute. */
    static Html figure(Attribute attribute, String title, int width, int height, List<Html> drawn, Html... below) {
        return tag("figure", attribute, tag("figcaption", title), svg(title, width, height, drawn), all(below));
    }

    /** A figure: its title, what is drawn in a box of {@code width} by {@code height}, and what stands below. */
    static Html figure(String title, int width, int height, List<Html> drawn, Html... below) {
        return tag("figure", tag("figcaption", title), svg(title, width, height, drawn), all(below));
    }

    private static Html svg(String title, int width, int height, List<Html> drawn) {
        return tag(
                "svg",
                at("viewBox", "0 0 " + width + " " + height),
                at("role", "img"),
                at("aria-label", title),
                all(drawn));
    }

    /** Words in a figure; {@code anchor} is the end of them that lies at x. */
    static Html words(Number x, Number y, String anchor, String text) {
        return tag("text", kind("tick"), at("x", x), at("y", y), at("text-anchor", anchor), text);
    }

    /** A bar of a plot. */
    record Bar(String label, long value, String text) {}

    /** Bars with their names to the left and their values behind them. */
    static Html bars(String title, List<Bar> bars) {
        long most = Math.max(1, bars.stream().mapToLong(Bar::value).max().orElse(1));
        int height = 26;
        List<Html> drawn = new ArrayList<>();
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            double length = 400.0 * bar.value() / most;
            drawn.add(words(220, i * height + 17, "end", abridged(bar.label(), 34)));
            drawn.add(tag(
                    "rect",
                    kind("c0"),
                    at("x", 230),
                    at("y", i * height + 4),
                    at("width", length),
                    at("height", height - 8)));
            drawn.add(words(238 + length, i * height + 17, "start", bar.text()));
        }
        return figure(title, 860, bars.size() * height + 4, drawn);
    }

    static String abridged(String text, int letters) {
        return text.length() <= letters ? text : text.substring(0, letters) + "…";
    }

    /** A table: columns first, then rows. */
    static final class Table {
        private final List<Html> heads = new ArrayList<>();
        private final List<String> kinds = new ArrayList<>();
        private final List<Html> rows = new ArrayList<>();

        /** Adds columns of text. */
        Table texts(String... columns) {
            return columns("text", columns);
        }

        /** Adds columns of numbers, which stand to the right. */
        Table numbers(String... columns) {
            return columns("number", columns);
        }

        Table row(String... cells) {
            return linked(text(cells[0]), Arrays.copyOfRange(cells, 1, cells.length));
        }

        /** A row whose first cell is markup, such as a link. */
        Table linked(Html first, String... others) {
            List<Html> row = new ArrayList<>(List.of(tag("td", kind(kinds.get(0)), first)));
            for (int i = 0; i < others.length; i++) {
                row.add(tag("td", kind(kinds.get(i + 1)), others[i]));
            }
            rows.add(tag("tr", all(row)));
            return this;
        }

        boolean isEmpty() {
            return rows.isEmpty();
        }

        /** The table; {@code empty} if it has no rows. */
        Html orElse(Html empty) {
            return isEmpty() ? empty : html();
        }

        Html html() {
            return tag("div", kind("wide"), tag("table", tag("tr", all(heads)), all(rows)));
        }

        private Table columns(String kind, String... columns) {
            for (String column : columns) {
                kinds.add(kind);
                heads.add(tag("th", kind(kind), column));
            }
            return this;
        }
    }
}
