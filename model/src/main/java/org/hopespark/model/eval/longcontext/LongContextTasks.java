package org.hopespark.model.eval.longcontext;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hopespark.conf.UserException;
import org.hopespark.model.eval.Task;

/** The long-context tasks by name: a family, {@code @} and a length in tokens, as in {@code niah_single_1@4096}. */
public final class LongContextTasks {
    private static final String BABILONG = "babilong_qa";

    /** Those of the Nested Learning paper's table. */
    private static final List<String> NIAH = List.of(
            "niah_single_1", "niah_single_2", "niah_single_3", "niah_multikey_1", "niah_multiquery", "niah_multivalue");

    /** Averaged in the plots of the BABILong paper. */
    private static final int BABILONG_PLOTTED = 5;

    private static final Pattern NAME = Pattern.compile("([a-z0-9_]+)(?:@(.*))?");
    private static final Pattern LENGTH = Pattern.compile("\\d{1,9}");

    private LongContextTasks() {}

    /** All families. */
    public static List<String> names() {
        return Stream.of(RulerTask.families().stream(), babilong(BabiLong.TASKS), Stream.of(PositionPerplexity.FAMILY))
                .flatMap(s -> s)
                .toList();
    }

    /**
     * The task of this name; empty if no family has it.
     *
     * @throws UserException if the family is known but its length is missing or none
     */
    public static Optional<Task> named(String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches() || !names().contains(matcher.group(1))) {
            return Optional.empty();
        }
        String family = matcher.group(1);
        String length = matcher.group(2);
        boolean zero = family.startsWith(BABILONG);
        if (length == null || !LENGTH.matcher(length).matches() || (Integer.parseInt(length) == 0 && !zero)) {
            throw new UserException("task '" + name + "' needs a length in tokens" + (zero ? " (0: facts alone)" : "")
                    + ", as in " + family + "@4096");
        }
        return Optional.of(task(family, Integer.parseInt(length)));
    }

    /** The tasks of {@code niah}, {@code ruler} or {@code babilong}, each at every length. */
    public static List<Task> suite(String suite, List<Integer> lengths) {
        List<String> families = switch (suite) {
            case "niah" -> NIAH;
            case "ruler" -> RulerTask.families();
            case "babilong" -> babilong(BABILONG_PLOTTED).toList();
            default ->
                throw new UserException(
                        "unknown suite '" + suite + "' of long-context tasks; there are niah, ruler, babilong");
        };
        return families.stream()
                .flatMap(family -> lengths.stream()
                        .map(length -> named(family + "@" + length).orElseThrow()))
                .toList();
    }

    private static Stream<String> babilong(int tasks) {
        return IntStream.rangeClosed(1, tasks).mapToObj(number -> BABILONG + number);
    }

    private static Task task(String family, int length) {
        if (family.equals(PositionPerplexity.FAMILY)) {
            return new PositionPerplexity(length);
        }
        return family.startsWith(BABILONG)
                ? new BabiLong(Integer.parseInt(family.substring(BABILONG.length())), length)
                : RulerTask.of(family, length);
    }
}
