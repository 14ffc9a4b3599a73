package org.hopespark.model.eval.continual;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.hopespark.conf.UserException;

/**
 * The classes of a data set, split into disjoint tasks that are seen once, in order.
 *
 * @param labels names of all classes
 * @param stages one a task
 */
record ClassStream(List<String> labels, List<Stage> stages) {
    ClassStream {
        stages = List.copyOf(stages);
    }

    /**
     * One task.
     *
     * @param classes that it brings, as places in the list of labels
     * @param train its training texts, in an order drawn once
     * @param test texts to be asked
     */
    record Stage(List<Integer> classes, List<Example> train, List<Example> test) {
        Stage {
            classes = List.copyOf(classes);
            train = List.copyOf(train);
            test = List.copyOf(test);
        }
    }

    /** The stream that the settings describe; the last task has what classes are left. */
    static ClassStream of(LabelledTexts texts, ContinualSettings settings) {
        Random random = new Random(settings.seed());
        List<Integer> order = new ArrayList<>(
                IntStream.range(0, texts.labels().size()).boxed().toList());
        if (settings.seed() != ContinualSettings.AS_LISTED) {
            Collections.shuffle(order, random);
        }
        List<List<Example>> train = drawn(texts, texts.train(), settings.trainPerClass(), random);
        List<List<Example>> test = drawn(texts, texts.test(), settings.testPerClass(), random);
        List<Stage> stages = new ArrayList<>();
        for (int from = 0; from < order.size(); from += settings.classesPerTask()) {
            if (stages.size() == settings.tasks() && settings.tasks() > 0) {
                break;
            }
            List<Integer> classes = order.subList(from, Math.min(order.size(), from + settings.classesPerTask()));
            List<Example> learned = new ArrayList<>(of(train, classes));
            Collections.shuffle(learned, random);
            stages.add(new Stage(classes, learned, of(test, classes)));
        }
        return new ClassStream(texts.labels(), stages);
    }

    /** The classes of the first {@code tasks} tasks. */
    List<Integer> classes(int tasks) {
        return stages.subList(0, tasks).stream()
                .flatMap(stage -> stage.classes().stream())
                .toList();
    }

    private static List<List<Example>> drawn(LabelledTexts texts, List<Example> examples, int most, Random random) {
        List<List<Example>> byClass = new ArrayList<>();
        texts.labels().forEach(label -> byClass.add(new ArrayList<>()));
        examples.forEach(example -> byClass.get(example.label()).add(example));
        for (int label = 0; label < byClass.size(); label++) {
            List<Example> all = byClass.get(label);
            if (all.isEmpty()) {
                throw new UserException("the class '" + texts.labels().get(label) + "' has no text to be tested with:"
                        + " add some to the test file, or remove the class");
            }
            Collections.shuffle(all, random);
            byClass.set(label, all.subList(0, Math.min(most, all.size())));
        }
        return byClass;
    }

    private static List<Example> of(List<List<Example>> byClass, List<Integer> classes) {
        return classes.stream().flatMap(label -> byClass.get(label).stream()).toList();
    }
}
