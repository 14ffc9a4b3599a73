package org.hopespark.data.source;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One text.
 *
 * @param id identifies it within {@code source}
 * @param text what it says
 * @param source name of the input file it comes from
 * @param metadata what else is known of it, such as its address or language
 */
public record Document(String id, String text, String source, SortedMap<String, String> metadata) {
    /** Column of the source where documents are rows of a file. */
    public static final String SOURCE = "source";

    /** Column of what else is known. */
    public static final String METADATA = "metadata";

    public Document {
        metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
    }

    /** A document of which nothing else is known. */
    public Document(String id, String text, String source) {
        this(id, text, source, Collections.emptySortedMap());
    }

    /** The same document with another text. */
    public Document withText(String changed) {
        return new Document(id, changed, source, metadata);
    }

    /** The same document as one of several. */
    public Document copy(int number) {
        return new Document(id + "#" + number, text, source, metadata);
    }

    /** The same document with one thing more known of it. */
    public Document with(String key, String value) {
        SortedMap<String, String> more = new TreeMap<>(metadata);
        more.put(key, value);
        return new Document(id, text, source, more);
    }
}
