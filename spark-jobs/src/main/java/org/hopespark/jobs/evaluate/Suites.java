package org.hopespark.jobs.evaluate;

import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.ConfigException;
import org.hopespark.model.eval.HeldOut;
import org.hopespark.model.eval.Task;
import org.hopespark.model.eval.Tasks;

/** Groups of tasks that are asked for by one name. */
final class Suites {
    /** Of Nested Learning, Table 1, in tokens of the model. */
    static final List<Integer> LENGTHS = List.of(4_096, 8_192, 16_384);

    private static final String HELD_OUT = "held-out";
    private static final String ZERO_SHOT = "zero-shot";

    private Suites() {}

    /** The names, for picocli. */
    static final class Names extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Names() {
            super(names());
        }
    }

    static List<String> names() {
        return List.of(HELD_OUT, ZERO_SHOT);
    }

    /** The tasks of a suite; those that come in any length in each of {@code lengths}. */
    static List<String> tasks(String suite, List<Integer> lengths) {
        return switch (suite) {
            case HELD_OUT -> List.of(HeldOut.TASK);
            case ZERO_SHOT -> Tasks.all().stream().map(Task::name).toList();
            default ->
                throw new ConfigException("unknown suite '" + suite + "'; there are " + String.join(", ", names()));
        };
    }
}
