package org.hopespark.model.eval;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hopespark.conf.UserException;

/** The tasks there are; another one is one line here. */
public final class Tasks {
    private static final List<Task> ALL = Stream.concat(
                    Stream.of(new WikiText(), new Lambada()), ZeroShot.tasks().stream())
            .toList();
    private static final int NAMED = 3;

    private Tasks() {}

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
