package org.hopespark.model.eval.continual;

import java.io.Serializable;
import java.util.List;
import org.hopespark.conf.Checks;

/**
 * How a stream of classes is learned and tested.
 *
 * @param method way to learn
 * @param classesPerTask classes that come at once
 * @param tasks only the first so many; 0 for all
 * @param trainPerClass most training texts of a class
 * @param testPerClass most test texts of a class
 * @param epochs how often a task's texts are gone through
 * @param batch texts of an update
 * @param learningRate of AdamW, constant; multiplied with each level's own factor
 * @param lambda of {@link Method#EWC}
 * @param alpha of {@link Method#LWF}
 * @param buffer texts that {@link Method#REPLAY} keeps
 * @param moving patterns ({@code *} for anything) of the parameters that {@link Method#FROZEN} lets move
 * @param seed of the order of classes and of all draws; {@link #AS_LISTED} leaves the classes in the data set's order
 */
public record ContinualSettings(
        Method method,
        int classesPerTask,
        int tasks,
        int trainPerClass,
        int testPerClass,
        int epochs,
        int batch,
        double learningRate,
        double lambda,
        double alpha,
        int buffer,
        List<String> moving,
        long seed)
        implements Serializable {
    /** The seed that does not shuffle classes. */
    public static final long AS_LISTED = 0;

    public static final ContinualSettings DEFAULT = new ContinualSettings(
            Method.NAIVE, 15, 0, 25, 5, 1, 16, 1e-3, 100, 1, 500, List.of("blocks.*.continuum.*"), 1);

    public ContinualSettings {
        Checks checks = new Checks();
        moving = List.copyOf(moving);
        checks.that(classesPerTask >= 1, "classes-per-task must be >= 1, got " + classesPerTask);
        checks.that(tasks >= 0, "tasks must be >= 0 (0: all), got " + tasks);
        checks.that(trainPerClass >= 1, "train-per-class must be >= 1 text, got " + trainPerClass);
        checks.that(testPerClass >= 1, "test-per-class must be >= 1 text, got " + testPerClass);
        checks.that(epochs >= 1, "epochs must be >= 1, got " + epochs);
        checks.that(batch >= 2, "batch must be >= 2 texts, one of them for replay, got " + batch);
        checks.that(learningRate > 0, "learning-rate must be > 0, got " + learningRate);
        checks.that(lambda >= 0, "lambda must be >= 0, got " + lambda);
        checks.that(alpha >= 0, "alpha must be >= 0, got " + alpha);
        checks.that(buffer >= 1, "buffer must be >= 1 text, got " + buffer);
        checks.that(!moving.isEmpty(), "moving must have a pattern, such as blocks.*.continuum.*");
        checks.done();
    }

    /** The same, for another method and size of tasks. */
    public ContinualSettings with(Method other, int classesPerOtherTask) {
        return new ContinualSettings(
                other,
                classesPerOtherTask,
                tasks,
                trainPerClass,
                testPerClass,
                epochs,
                batch,
                learningRate,
                lambda,
                alpha,
                buffer,
                moving,
                seed);
    }
}
