package org.hopespark.data.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.hopespark.data.source.Document;

/**
 * What a step has made of one source.
 *
 * @param source the input's name: that of the file, up to the first slash
 * @param documentsIn documents that have passed the stages
 * @param bytesIn UTF-8 bytes of their texts
 * @param documentsOut documents that are kept, copies counted
 * @param bytesOut UTF-8 bytes of their texts
 * @param profile of what is kept
 */
public record SourceCount(
        String source, long documentsIn, long bytesIn, long documentsOut, long bytesOut, Profile profile) {

    SourceCount plus(SourceCount other) {
        return new SourceCount(
                source,
                documentsIn + other.documentsIn,
                bytesIn + other.bytesIn,
                documentsOut + other.documentsOut,
                bytesOut + other.bytesOut,
                profile.plus(other.profile));
    }

    static String nameOf(Document document) {
        int slash = document.source().indexOf('/');
        return slash < 0 ? document.source() : document.source().substring(0, slash);
    }

    /** One count a source, by name. */
    static List<SourceCount> sum(List<SourceCount> counts) {
        Map<String, SourceCount> sums = new TreeMap<>();
        counts.forEach(count -> sums.merge(count.source, count, SourceCount::plus));
        return new ArrayList<>(sums.values());
    }
}
