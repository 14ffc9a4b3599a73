package org.hopespark.jobs.report;

import static org.hopespark.jobs.report.Html.tag;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.hopespark.data.corpus.Profile;
import org.hopespark.data.corpus.SourceCount;
import org.hopespark.data.corpus.StepFolder.Removed;
import org.hopespark.data.corpus.StepRecord;
import org.hopespark.data.filter.StageCount;
import org.hopespark.jobs.progress.Units;

/** A page on what a corpus pipeline has made of its inputs: step by step, by source, length and language. */
public final class CorpusReport {
    private static final int EXAMPLE_LETTERS = 400;
    private static final int MOST_LANGUAGES = 30;

    private CorpusReport() {}

    /**
     * A step and what it did.
     *
     * @param name of the step
     * @param record what it has done
     * @param removed examples of what it has removed
     */
    public record Step(String name, StepRecord record, List<Removed> removed) {
        public Step {
            removed = List.copyOf(removed);
        }
    }

    /** The page, with nothing that is loaded from elsewhere. */
    public static String html(String title, List<Step> steps) {
        return page(title, steps).toString();
    }

    private static Html page(String title, List<Step> steps) {
        StepRecord last = steps.get(steps.size() - 1).record;
        long read = steps.get(0).record.counts().get(0).documentsIn();
        Profile profile = last.sources().stream().map(SourceCount::profile).reduce(Profile.NONE, Profile::plus);
        return Html.page(
                title,
                Html.facts(
                        Html.fact("documents", Units.count(last.documents()), "of " + Units.count(read) + " read"),
                        Html.fact("text", Units.bytes((double) last.bytes()), "UTF-8"),
                        Html.fact(
                                "could not be read",
                                Units.count(steps.get(0).record.bad()),
                                "rows and files")),
                Html.section("Steps", stages(steps)),
                Html.section("Sources", sources(last)),
                Html.section("Lengths", lengths(profile)),
                Html.section("Languages", profile.languages().isEmpty() ? Html.NOTHING : languages(profile)),
                Html.section(
                        "Removed, with examples",
                        Html.all(steps.stream().map(CorpusReport::examples).toList())));
    }

    private static Html stages(List<Step> steps) {
        Html.Table table = new Html.Table()
                .texts("step", "stage")
                .numbers("documents in", "kept", "changed", "removed")
                .texts("reasons");
        for (Step step : steps) {
            List<StageCount> counts = step.record.counts();
            // what the step before has kept can be read
            for (StageCount count : step.equals(steps.get(0)) ? counts : counts.subList(1, counts.size())) {
                table.row(
                        step.name,
                        withoutSettings(count.name()),
                        Units.count(count.documentsIn()),
                        Units.count(count.documentsOut()),
                        Units.count(count.changed()),
                        Units.count(count.removed().values().stream()
                                .mapToLong(Long::longValue)
                                .sum()),
                        reasons(count));
            }
        }
        return table.html();
    }

    private static String reasons(StageCount count) {
        List<String> reasons = new ArrayList<>();
        new TreeMap<>(count.removed()).forEach((reason, number) -> reasons.add(reason + " " + Units.count(number)));
        return String.join(", ", reasons);
    }

    private static Html sources(StepRecord last) {
        List<Html.Bar> bars = last.sources().stream()
                .map(source -> new Html.Bar(
                        source.source(),
                        source.bytesOut(),
                        Units.bytes((double) source.bytesOut()) + ", " + Units.count(source.documentsOut())
                                + " documents"))
                .toList();
        return Html.bars("text that is kept, by source", bars);
    }

    private static Html lengths(Profile profile) {
        List<Html.Bar> bars = new ArrayList<>();
        for (int i = 0; i < profile.lengths().size(); i++) {
            if (!bars.isEmpty() || profile.lengths().get(i) > 0) {
                bars.add(new Html.Bar(
                        Units.bytes((double) (1L << i)) + " and more",
                        profile.lengths().get(i),
                        Units.count(profile.lengths().get(i))));
            }
        }
        return Html.bars("documents that are kept, by length", bars);
    }

    private static Html languages(Profile profile) {
        List<Html.Bar> bars = profile.languages().entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(MOST_LANGUAGES)
                .map(entry -> new Html.Bar(entry.getKey(), entry.getValue(), Units.count(entry.getValue())))
                .toList();
        return Html.bars("documents that are kept, by language", bars);
    }

    private static Html examples(Step step) {
        List<Html> examples = new ArrayList<>();
        String heading = "";
        for (Removed removed : step.removed) {
            String next = step.name + ": " + withoutSettings(removed.stage()) + ": " + removed.reason();
            if (!next.equals(heading)) {
                examples.add(tag("h3", next));
                heading = next;
            }
            String problem = removed.document().metadata().getOrDefault("problem", "");
            String text = problem.isEmpty()
                    ? removed.document().source() + ", " + removed.document().id() + "\n"
                            + Html.abridged(removed.document().text(), EXAMPLE_LETTERS)
                    : problem;
            examples.add(tag("pre", text));
        }
        return Html.all(examples);
    }

    /** The step's claim and record have them. */
    private static String withoutSettings(String stage) {
        int settings = stage.indexOf('{');
        return settings < 0 ? stage : stage.substring(0, settings);
    }
}
