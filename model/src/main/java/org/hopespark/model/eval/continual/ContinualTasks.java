package org.hopespark.model.eval.continual;

import java.util.Arrays;
import java.util.List;
import org.hopespark.model.eval.Tasks;

/** Every data set with every method. */
public final class ContinualTasks {
    private static final List<ContinualTask> ALL = Arrays.stream(DataSet.values())
            .flatMap(data -> Arrays.stream(Method.values()).map(method -> new ContinualTask(data, method)))
            .toList();

    private ContinualTasks() {}

    /** The names of all tasks. */
    public static List<String> names() {
        return ALL.stream().map(ContinualTask::name).toList();
    }

    /** The task of this name. */
    public static ContinualTask named(String name) {
        return ALL.stream()
                .filter(task -> task.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Tasks.unknown(name, names()));
    }
}
