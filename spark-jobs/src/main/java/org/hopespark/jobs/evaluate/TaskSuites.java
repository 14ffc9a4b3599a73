package org.hopespark.jobs.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.hopespark.conf.UserException;
import org.hopespark.model.eval.HeldOut;
import org.hopespark.model.eval.Task;
import org.hopespark.model.eval.Tasks;
import org.hopespark.model.eval.longcontext.LongContextTasks;

/** All tasks that a checkpoint can be put to, and groups of them that are asked for by one name. */
public final class TaskSuites {
    /** Of Nested Learning, Table 1, in tokens of the model. */
    public static final List<Integer> LENGTHS = List.of(4_096, 8_192, 16_384);

    private static final String HELD_OUT = "held-out";
    private static final String POSITION = "position";
    private static final List<String> LONG_CONTEXT = List.of("niah", "ruler", "babilong");

    private TaskSuites() {}

    /** The names of the suites, for picocli. */
    public static final class Suites extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Suites() {
            super(suites());
        }
    }

    static List<String> suites() {
        return Stream.of(
                        Stream.of(HELD_OUT),
                        Tasks.suites().keySet().stream(),
                        Stream.of(POSITION),
                        LONG_CONTEXT.stream())
                .flatMap(s -> s)
                .toList();
    }

    /** The task of this name, which reads files. */
    public static Task named(String name) {
        return find(name).orElseThrow(() -> Tasks.unknown(name, names()));
    }

    /** The same; empty where a name is none of those, as {@link HeldOut#TASK} and tasks that models are trained for. */
    static Optional<Task> find(String name) {
        return LongContextTasks.named(name)
                .or(() -> Tasks.all().stream()
                        .filter(task -> task.name().equals(name))
                        .findFirst());
    }

    /** Refuses a name that no task has. */
    static void check(String name) {
        if (!name.equals(HeldOut.TASK)) {
            named(name);
        }
    }

    private static List<String> names() {
        return Stream.of(
                        Stream.of(HeldOut.TASK),
                        Tasks.all().stream().map(Task::name),
                        LongContextTasks.names().stream())
                .flatMap(s -> s)
                .toList();
    }

    /** The tasks of a suite; those that come in any length in each of {@code lengths}. */
    public static List<String> tasks(String suite, List<Integer> lengths) {
        if (LONG_CONTEXT.contains(suite)) {
            return LongContextTasks.suite(suite, lengths).stream()
                    .map(Task::name)
                    .toList();
        }
        List<Task> readingFiles = Tasks.suites().getOrDefault(suite, List.of());
        if (!readingFiles.isEmpty()) {
            return readingFiles.stream().map(Task::name).toList();
        }
        return switch (suite) {
            case HELD_OUT -> List.of(HeldOut.TASK);
            case POSITION ->
                lengths.stream().map(length -> "position_perplexity@" + length).toList();
            default ->
                throw new UserException("unknown suite '" + suite + "'; there are " + String.join(", ", suites()));
        };
    }
}
