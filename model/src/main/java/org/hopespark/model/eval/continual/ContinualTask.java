package org.hopespark.model.eval.continual;

/**
 * A data set that is learned with one method.
 *
 * @param data what is learned
 * @param method how
 */
public record ContinualTask(DataSet data, Method method) {
    /** Such as {@code clinc150@ewc}. */
    public String name() {
        return data.title() + "@" + method.title();
    }

    /** As many classes a task as is usual for the data set, all else as by default. */
    public ContinualSettings settings() {
        return ContinualSettings.DEFAULT.with(method, data.classesPerTask());
    }
}
