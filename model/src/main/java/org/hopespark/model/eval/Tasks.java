package org.hopespark.model.eval;

import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hopespark.conf.UserException;

/** The tasks there are; another one is one line here. */
public final class Tasks {
    private static final List<Task> ZERO_SHOT = Stream.concat(
                    Stream.of(new WikiText(), new Lambada()), ZeroShot.tasks().stream())
            .toList();
    private static final Map<String, List<Task>> SUITES = suitesByName();
    private static final List<Task> ALL =
            SUITES.values().stream().flatMap(List::stream).toList();
    private static final int NAMED = 3;

    private Tasks() {}

    private static Map<String, List<Task>> suitesByName() {
        Map<String, List<Task>> suites = new LinkedHashMap<>();
        suites.put("zero-shot", ZERO_SHOT);
        suites.put("documents", List.of(LongHealth.task(), new Qasper()));
        suites.put("translation", NewLanguages.tasks());
        return suites;
    }

    /** Language modelling and common sense: the tasks of Nested Learning's Table 2. */
    public static List<Task> zeroShot() {
        return ZERO_SHOT;
    }

    /** The tasks that read a file, in groups that are asked for by one name. */
    public static Map<String, List<Task>> suites() {
        return Collections.unmodifiableMap(SUITES);
    }

    /** All tasks that read a file. */
    public static List<Task> all() {
        return ALL;
    }

    /** The names of all tasks, {@link HeldOut#TASK} among them. */
    public static List<String> names() {
        return Stream.concat(Stream.of(HeldOut.TASK), ALL.stream().map(Task::name))
                .toList();
    }

    /** The task of this name. */
    public static Task named(String name) {
        return ALL.stream()
                .filter(task -> task.name().equals(name))
                .findFirst()
                .orElseThrow(() -> unknown(name, names()));
    }

    /** The error that no task is called so, with the nearest of those that there are. */
    public static UserException unknown(String name, List<String> names) {
        String nearest = names.stream()
                .sorted(Comparator.comparingInt(known -> distance(name, known)))
                .limit(NAMED)
                .collect(Collectors.joining(", "));
        return new UserException("unknown task '" + name + "'; nearest: " + nearest);
    }

    /** Levenshtein's distance: how many letters to insert, remove or change. */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
