package org.hopespark.data.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.hopespark.data.filter.StageCount;
import org.hopespark.data.source.SourceFile;

/** In what two data sets differ: how they were made, from which files, and what came of it. */
public final class ManifestDifference {
    private final List<String> lines = new ArrayList<>();

    private ManifestDifference() {}

    /** Lines for people; none if the data sets are the same. */
    public static List<String> between(Manifest before, Manifest after) {
        ManifestDifference difference = new ManifestDifference();
        difference.compare(before, after);
        return difference.lines;
    }

    private void compare(Manifest before, Manifest after) {
        value("tool", before.recipe().tool(), after.recipe().tool());
        value("tokenizer", before.recipe().tokenizer(), after.recipe().tokenizer());
        value("packing", before.recipe().packing(), after.recipe().packing());
        value("stages", before.recipe().stages(), after.recipe().stages());
        inputs(before, after);
        removed(before, after);
        split("training", before.training(), after.training());
        split("validation", before.validation(), after.validation());
        long changed = changedShards(before, after);
        if (changed > 0) {
            lines.add("shards: " + changed + " of " + after.shards().size() + " differ");
        }
    }

    private void value(String name, Object before, Object after) {
        if (!before.equals(after)) {
            lines.add(name + ": " + before + " -> " + after);
        }
    }

    private void inputs(Manifest before, Manifest after) {
        Map<String, SourceFile> old = byName(before);
        Map<String, SourceFile> now = byName(after);
        for (String name : union(old, now)) {
            SourceFile was = old.get(name);
            SourceFile is = now.get(name);
            if (was == null) {
                lines.add("input added: " + name + ", " + documents(after, name) + " documents");
            } else if (is == null) {
                lines.add("input gone: " + name + ", " + documents(before, name) + " documents");
            } else if (!was.equals(is)) {
                lines.add("input changed: " + name + ", " + documents(before, name) + " -> " + documents(after, name)
                        + " documents" + (was.sha256().equals(is.sha256()) ? " (read in another way)" : ""));
            }
        }
    }

    private static Map<String, SourceFile> byName(Manifest manifest) {
        return manifest.recipe().sources().stream().collect(Collectors.toMap(SourceFile::name, Function.identity()));
    }

    private static long documents(Manifest manifest, String source) {
        return Objects.requireNonNullElse(manifest.documentsBySource().get(source), 0L);
    }

    private static <V> SortedSet<String> union(Map<String, V> a, Map<String, V> b) {
        SortedSet<String> all = new TreeSet<>(a.keySet());
        all.addAll(b.keySet());
        return all;
    }

    private void removed(Manifest before, Manifest after) {
        Map<String, Long> old = removed(before);
        Map<String, Long> now = removed(after);
        for (String reason : union(old, now)) {
            number(
                    "removed, " + reason,
                    Objects.requireNonNullElse(old.get(reason), 0L),
                    Objects.requireNonNullElse(now.get(reason), 0L));
        }
    }

    private static Map<String, Long> removed(Manifest manifest) {
        Map<String, Long> removed = new TreeMap<>();
        for (StageCount stage : manifest.stages()) {
            stage.removed().forEach((reason, count) -> removed.merge(reason, count, Long::sum));
        }
        return removed;
    }

    private void split(String name, Manifest.Split before, Manifest.Split after) {
        count(name + " documents", before, after, Manifest.Split::documents);
        count(name + " bytes of text", before, after, Manifest.Split::utf8Bytes);
        count(name + " tokens", before, after, Manifest.Split::realTokens);
        count(name + " rows", before, after, Manifest.Split::rows);
    }

    private void count(
            String name, Manifest.Split before, Manifest.Split after, ToLongFunction<Manifest.Split> figure) {
        number(name, figure.applyAsLong(before), figure.applyAsLong(after));
    }

    private void number(String name, long before, long after) {
        if (before != after) {
            lines.add(String.format(Locale.ROOT, "%s: %,d -> %,d (%+,d)", name, before, after, after - before));
        }
    }

    private static long changedShards(Manifest before, Manifest after) {
        Map<String, String> old = before.shards().stream().collect(Collectors.toMap(Shard::path, Shard::sha256));
        return after.shards().stream()
                .filter(shard -> !shard.sha256().equals(old.get(shard.path())))
                .count();
    }
}
