package org.hopespark.data.source;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document.OutputSettings;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeFilter;

/**
 * The text that a reader of a web page sees, a paragraph a line. Scripts, the controls of forms, and what HTML calls
 * hidden, navigation and asides are left out; what a page only styles as such is not recognised, but for
 * {@code style="display:none"}.
 */
final class HtmlText {
    private static final Set<String> LEFT_OUT = Set.of(
            "script",
            "style",
            "noscript",
            "template",
            "svg",
            "iframe",
            "object",
            "canvas",
            "nav",
            "aside",
            "footer",
            "button",
            "label",
            "datalist",
            "select",
            "textarea",
            "head");

    /** In an attribute; what a style sheet hides is not looked at. */
    private static final Pattern DISPLAY_NONE =
            Pattern.compile("(^|;)\\s*display\\s*:\\s*none\\b", Pattern.CASE_INSENSITIVE);

    /** Half a surrogate pair, which a reference to a character can name and UTF-8 cannot express. */
    private static final Pattern UNPAIRED = Pattern.compile("\\p{Cs}");

    /** What parsing a page may take by its estimate; the heap of a task is 2 GiB unless it is set. */
    private static final long MAX_MEMORY = 1L << 30;

    /** Of an element, or of an attribute, with its names, lists and nodes of text: measured with jsoup 1.21. */
    private static final int NODE_BYTES = 128;

    /** Of a byte of the page: itself, decoded, as nodes of text, as the text of all. */
    private static final int BYTES_PER_BYTE = 6;

    private HtmlText() {}

    /**
     * Extracts the text.
     *
     * @param charset what the server said; otherwise the page counts, see {@link HtmlCharset#of}
     */
    @SuppressWarnings("OptionalUsedAsFieldOrParameterType")
    static String of(String place, byte[] html, Optional<Charset> charset) {
        requireMemory(place, html);
        try {
            Charset known = charset.orElseGet(() -> HtmlCharset.of(html));
            // a byte order mark overrides it
            org.jsoup.nodes.Document page = Jsoup.parse(new ByteArrayInputStream(html), known.name(), "");
            page.outputSettings(new OutputSettings().prettyPrint(false));
            Text text = new Text();
            page.filter(text);
            return UNPAIRED.matcher(text.finish()).replaceAll("\uFFFD");
        } catch (IOException | IllegalArgumentException e) { // the latter from charsets and from its own checks
            throw CorruptInputException.row(place, "no HTML (" + e.getMessage() + ")");
        }
    }

    /** A page of a few megabytes can have millions of elements. */
    private static void requireMemory(String place, byte[] html) {
        long nodes = 0;
        for (byte b : html) {
            nodes += b == '<' || b == '=' ? 1 : 0;
        }
        long estimate = nodes * NODE_BYTES + (long) html.length * BYTES_PER_BYTE;
        if (estimate > MAX_MEMORY) {
            throw CorruptInputException.row(
                    place,
                    "a page of " + html.length + " bytes with " + nodes + " tags and attributes, which takes about "
                            + (estimate >> 20) + " MiB to read, " + (MAX_MEMORY >> 20) + " are allowed");
        }
    }

    /** Blanks fold into one, blocks and line breaks begin a line, and what is preformatted stays as it is. */
    private static final class Text implements NodeFilter {
        private final StringBuilder out = new StringBuilder();
        private int preformatted;

        @Override
        public FilterResult head(Node node, int depth) {
            if (node instanceof TextNode text) {
                append(text.getWholeText());
            } else if (node instanceof Element element) {
                if (isLeftOut(element)) {
                    return FilterResult.SKIP_ENTIRELY;
                }
                if (breaks(element)) {
                    endLine();
                }
                preformatted += element.normalName().equals("pre") ? 1 : 0;
            }
            return FilterResult.CONTINUE;
        }

        @Override
        public FilterResult tail(Node node, int depth) {
            if (node instanceof Element element && !isLeftOut(element)) {
                preformatted -= element.normalName().equals("pre") ? 1 : 0;
                if (breaks(element)) {
                    endLine();
                } else if (element.normalName().equals("td")
                        || element.normalName().equals("th")) {
                    append(" ");
                }
            }
            return FilterResult.CONTINUE;
        }

        private static boolean isLeftOut(Element element) {
            String name = element.normalName();
            // scripts show a page as a whole once they have run
            boolean mayHide = !name.equals("html") && !name.equals("body");
            return LEFT_OUT.contains(name)
                    || (mayHide
                            && (element.hasAttr("hidden")
                                    || DISPLAY_NONE
                                            .matcher(element.attr("style"))
                                            .find()));
        }

        private static boolean breaks(Element element) {
            if (element.normalName().equals("math")) { // which stands in a line unless it says otherwise
                return element.attr("display").equalsIgnoreCase("block");
            }
            return (element.isBlock() && !element.normalName().matches("t[dh]"))
                    || element.normalName().equals("br");
        }

        private void append(String text) {
            if (preformatted > 0) {
                out.append(text);
                return;
            }
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (!isBlank(c)) {
                    out.append(c);
                } else if (out.length() > 0 && !isBlank(out.charAt(out.length() - 1))) {
                    out.append(' ');
                }
            }
        }

        private void endLine() {
            int end = out.length();
            while (end > 0 && isBlank(out.charAt(end - 1)) && (preformatted == 0 || out.charAt(end - 1) != '\n')) {
                end--;
            }
            out.setLength(end);
            if (end > 0 && out.charAt(end - 1) != '\n') {
                out.append('\n');
            }
        }

        private static boolean isBlank(char c) {
            return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\u00A0';
        }

        String finish() {
            endLine();
            return out.toString().strip();
        }
    }
}
