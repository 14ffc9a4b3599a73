package org.hopespark.data.shard;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hopespark.conf.UserException;
import org.hopespark.data.source.SourceFile;

/**
 * What a data set needs to hold the inputs as they are now.
 *
 * <p>Input files that are new go into a new segment. So does a file that has changed, and with it everything else of
 * the segments that hold what it was before, since those cannot be kept. A file that is there no longer stays in the
 * data set: collecting jobs clear their landing place.
 *
 * @param kept segments that stay as they are
 * @param recipe of the new segment
 * @param added names of new input files
 * @param replaced names of changed ones
 */
public record Growth(List<Snapshot.Segment> kept, Recipe recipe, List<String> added, List<String> replaced) {
    public Growth {
        kept = List.copyOf(kept);
        added = List.copyOf(added);
        replaced = List.copyOf(replaced);
    }

    /**
     * From a state to one with these inputs.
     *
     * @param newest the state, with the manifests of its segments
     * @param wanted the recipe of all the inputs as they are now
     * @throws UserException if they cannot be one data set, or if a file is gone that is needed again
     */
    static Growth of(Map<Snapshot.Segment, Manifest> newest, Recipe wanted) {
        newest.values().forEach(manifest -> requireSameSettings(manifest.recipe(), wanted));
        Map<String, SourceFile> now = byName(wanted.sources());
        Map<String, SourceFile> known = byName(newest.values().stream()
                .flatMap(manifest -> manifest.recipe().sources().stream())
                .toList());
        List<String> added = new ArrayList<>();
        List<String> replaced = new ArrayList<>();
        now.forEach((name, source) -> {
            SourceFile before = known.get(name);
            if (before == null) {
                added.add(name);
            } else if (!before.equals(source)) {
                replaced.add(name);
            }
        });
        Set<String> sources = new TreeSet<>(added);
        sources.addAll(replaced);
        List<Snapshot.Segment> kept = new ArrayList<>();
        newest.forEach((segment, manifest) -> {
            List<String> names = names(manifest);
            if (names.stream().anyMatch(replaced::contains)) {
                requireThere(names, now, replaced, segment);
                sources.addAll(names);
            } else {
                kept.add(segment);
            }
        });
        return new Growth(kept, wanted.with(sources.stream().map(now::get).toList()), added, replaced);
    }

    public boolean isNothing() {
        return added.isEmpty() && replaced.isEmpty();
    }

    private static List<String> names(Manifest manifest) {
        return manifest.recipe().sources().stream().map(SourceFile::name).toList();
    }

    private static Map<String, SourceFile> byName(List<SourceFile> sources) {
        return sources.stream()
                .sorted(Comparator.comparing(SourceFile::name))
                .collect(Collectors.toMap(SourceFile::name, Function.identity(), (a, b) -> b, TreeMap::new));
    }

    /** Lanes may be more or fewer: a night's inputs are less than a year's. */
    private static void requireSameSettings(Recipe before, Recipe wanted) {
        Packing packing = before.packing();
        Recipe same = wanted.with(before.sources())
                .with(wanted.packing().withLanes(packing.lanes(), packing.validationLanes()));
        if (!same.equals(before.asked())) {
            throw new UserException("the data set was made with other settings, so nothing can be added to it: "
                    + String.join("; ", same.differencesFrom(before)) + "; use those, or another output");
        }
    }

    private static void requireThere(
            List<String> names, Map<String, SourceFile> now, List<String> replaced, Snapshot.Segment segment) {
        List<String> gone =
                names.stream().filter(name -> !now.containsKey(name)).toList();
        if (!gone.isEmpty()) {
            throw new UserException("the input " + replaced.get(0) + " has changed, so segment '" + segment.folder()
                    + "' has to be made again, for which these inputs are missing: " + String.join(", ", gone)
                    + "; put them back, or give what has changed a name of its own");
        }
    }
}
