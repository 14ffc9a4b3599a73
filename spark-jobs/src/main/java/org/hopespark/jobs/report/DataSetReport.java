package org.hopespark.jobs.report;

import static org.hopespark.jobs.report.Html.tag;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.hopespark.data.DataSet;
import org.hopespark.data.filter.StageCount;
import org.hopespark.data.shard.Manifest;
import org.hopespark.data.shard.Shard;
import org.hopespark.data.shard.ShardStatistics;
import org.hopespark.data.shard.Snapshot;
import org.hopespark.data.shard.TokenCounts;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.jobs.progress.Units;

/** A page on what a data set holds: sizes, lengths, sources, what was left out, ids, lanes and snapshots. */
public final class DataSetReport {
    private static final int MOST_SOURCES = 40;
    private static final int MOST_IDS = 40;
    private static final int MOST_LANES = 64;

    private final DataSet dataSet;
    private final Manifest manifest;

    private DataSetReport(DataSet dataSet) {
        this.dataSet = dataSet;
        manifest = dataSet.manifest();
    }

    /**
     * The page, with nothing that is loaded from elsewhere.
     *
     * @param statistics of all shards
     * @param bad what could not be read, as lines of JSON; some of it
     * @param tokenizer of the data set
     */
    public static String html(
            String title, DataSet dataSet, ShardStatistics statistics, List<String> bad, Tokenizer tokenizer) {
        return new DataSetReport(dataSet)
                .page(title, statistics, bad, tokenizer)
                .toString();
    }

    private Html page(String title, ShardStatistics statistics, List<String> bad, Tokenizer tokenizer) {
        return Html.page(
                title,
                facts(),
                toBeat(),
                tag("p", "Identity ", tag("code", dataSet.sha256())),
                Html.section("Lengths", lengths(statistics)),
                Html.section("Sources", sources()),
                Html.section("Stages", stages()),
                Html.section(
                        "What could not be read", bad.isEmpty() ? Html.NOTHING : tag("pre", String.join("\n", bad))),
                Html.section(
                        "Most frequent ids",
                        dataSet.counts().map(counts -> ids(counts, tokenizer)).orElse(Html.NOTHING)),
                Html.section("Lanes", lanes()),
                Html.section("Snapshots", snapshots()));
    }

    private Html toBeat() {
        OptionalDouble bits = manifest.unigramBits();
        return bits.isEmpty()
                ? Html.NOTHING
                : tag(
                        "p",
                        "What is held out has ",
                        Units.fixed(bits.getAsDouble(), 4),
                        " bits a byte under the frequencies of what is trained on: what a model must beat.");
    }

    private Html facts() {
        Manifest.Split training = manifest.training();
        Manifest.Split validation = manifest.validation();
        long disk = manifest.shards().stream().mapToLong(Shard::bytes).sum();
        long ids = training.realTokens() + validation.realTokens();
        return Html.facts(
                Html.fact(
                        "documents",
                        Units.count(training.documents() + validation.documents()),
                        Units.count(validation.documents()) + " held out"),
                Html.fact(
                        "target ids",
                        Units.count(training.targetTokens()),
                        Units.count(validation.targetTokens()) + " held out"),
                Html.fact(
                        "text",
                        Units.bytes((double) training.utf8Bytes() + validation.utf8Bytes()),
                        Units.digits((double) (training.utf8Bytes() + validation.utf8Bytes()) / Math.max(1, ids))
                                + " bytes an id"),
                Html.fact(
                        "on disk",
                        Units.bytes((double) disk),
                        Units.digits((double) disk / Math.max(1, ids)) + " bytes an id"),
                Html.fact(
                        "rows",
                        Units.count(training.rows()),
                        "of " + manifest.recipe().packing().sequenceTokens() + " ids"),
                Html.fact(
                        "padding",
                        Units.percent((double) training.paddingTokens()
                                / Math.max(1, training.paddingTokens() + training.realTokens())),
                        "of the ids of all rows"),
                Html.fact(
                        "tokenizer",
                        Html.abridged(manifest.recipe().tokenizer().name(), 40),
                        Units.count(manifest.recipe().tokenizer().vocabularySize()) + " ids"));
    }

    private static Html lengths(ShardStatistics statistics) {
        List<Html.Bar> bars = new ArrayList<>();
        for (int i = 0; i < statistics.lengths().size(); i++) {
            long documents = statistics.lengths().get(i);
            if (!bars.isEmpty() || documents > 0) {
                bars.add(new Html.Bar(Units.count(1L << i) + " ids and more", documents, Units.count(documents)));
            }
        }
        return Html.bars("documents by their number of ids, marks included", bars);
    }

    private Html sources() {
        List<Html.Bar> bars = manifest.documentsBySource().entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .limit(MOST_SOURCES)
                .map(entry -> new Html.Bar(entry.getKey(), entry.getValue(), Units.count(entry.getValue())))
                .toList();
        int all = manifest.documentsBySource().size();
        String of = all > bars.size() ? ", the largest " + bars.size() + " of " + all : "";
        return Html.bars("documents by input file" + of, bars);
    }

    private Html stages() {
        Html.Table table = new Html.Table()
                .texts("stage")
                .numbers("documents in", "kept", "changed", "removed")
                .texts("reasons");
        for (StageCount count : manifest.stages()) {
            List<String> reasons = new ArrayList<>();
            new TreeMap<>(count.removed())
                    .forEach((reason, documents) -> reasons.add(reason + " " + Units.count(documents)));
            table.row(
                    count.name(),
                    Units.count(count.documentsIn()),
                    Units.count(count.documentsOut()),
                    Units.count(count.changed()),
                    Units.count(count.removed().values().stream()
                            .mapToLong(Long::longValue)
                            .sum()),
                    String.join(", ", reasons));
        }
        return table.html();
    }

    private static Html ids(TokenCounts counts, Tokenizer tokenizer) {
        long[] targets = counts.trainingTargets();
        long all = Math.max(
                1, IntStream.range(0, targets.length).mapToLong(i -> targets[i]).sum());
        long used =
                IntStream.range(0, targets.length).filter(i -> targets[i] > 0).count();
        List<Html.Bar> bars = IntStream.range(0, targets.length)
                .boxed()
                .filter(id -> targets[id] > 0)
                .sorted((a, b) -> Long.compare(targets[b], targets[a]))
                .limit(MOST_IDS)
                .map(id -> new Html.Bar(
                        id + "  " + name(id, tokenizer),
                        targets[id],
                        Units.count(targets[id]) + ", " + Units.percent((double) targets[id] / all)))
                .toList();
        return Html.bars(Units.count(used) + " of " + Units.count(targets.length) + " ids are trained on", bars);
    }

    private static String name(int id, Tokenizer tokenizer) {
        if (id == tokenizer.documentStart() || id == tokenizer.documentEnd()) {
            return "(document mark)";
        }
        return "'"
                + tokenizer
                        .decode(new int[] {id})
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                        .replace("\t", "\\t") + "'";
    }

    private Html lanes() {
        List<Html.Bar> bars = manifest.shards().stream()
                .limit(MOST_LANES)
                .map(shard -> new Html.Bar(
                        shard.path().replace("segments/", "").replace(".parquet", ""),
                        shard.rows(),
                        Units.count(shard.rows()) + " rows, " + Units.bytes((double) shard.bytes())))
                .toList();
        int all = manifest.shards().size();
        return Html.bars("rows by lane" + (all > bars.size() ? ", the first " + bars.size() + " of " + all : ""), bars);
    }

    private Html snapshots() {
        Html.Table table = new Html.Table()
                .numbers("snapshot", "segments", "files added", "files replaced", "rows", "target ids")
                .texts("identity");
        for (Snapshot snapshot : dataSet.history()) {
            table.row(
                    String.valueOf(snapshot.number()),
                    Units.count(snapshot.segments().size()),
                    Units.count(snapshot.added().size()),
                    Units.count(snapshot.replaced().size()),
                    Units.count(snapshot.manifest().training().rows()),
                    Units.count(snapshot.manifest().training().targetTokens()),
                    snapshot.identity());
        }
        return table.html();
    }
}
