package org.hopespark.model.eval.continual;

import java.util.List;
import java.util.function.Function;

/**
 * Class learning in context after InCA (Momeni et al. 2025, arXiv 2412.15563): a learner beside the network holds a
 * Gaussian of each class and names the few that are nearest to a text; the network is shown examples of these alone and
 * chooses among them. No parameter is changed, and the prompt does not grow with the number of classes.
 *
 * <p>InCA describes a text by tags that a chat model writes and a sentence encoder embeds, and a class by a summary.
 * Here a text is the mean over its tokens of what the network's head reads, and examples stand for the summary.
 */
final class NearestClasses implements Learner {
    /** Classes that the network chooses from. */
    static final int CANDIDATES = 3;

    private final Function<String, double[]> features;
    private final Demonstrations demonstrations;
    private final ClassGaussians classes;
    private final Progress progress;

    /**
     * A learner.
     *
     * @param features of a question
     * @param width how many there are
     */
    NearestClasses(Function<String, double[]> features, int width, Prompts prompts, Progress progress) {
        this.features = features;
        this.progress = progress;
        demonstrations = new Demonstrations(prompts);
        classes = new ClassGaussians(width);
    }

    @Override
    public void learn(ClassStream.Stage stage) {
        demonstrations.learn(stage);
        for (Example example : stage.train()) {
            classes.add(example.label(), features.apply(Prompts.question(example)));
            progress.done(1);
        }
    }

    /** All of them before anything was learned. */
    @Override
    public List<Integer> candidates(String question, List<Integer> all) {
        return classes.isEmpty() ? all : classes.nearest(features.apply(question), CANDIDATES);
    }

    @Override
    public String context(String question, List<Integer> candidates) {
        return demonstrations.context(question, candidates);
    }
}
