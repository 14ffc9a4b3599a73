package org.hopespark.model.eval.continual;

import java.util.ArrayList;
import java.util.List;

/** Goes on with the texts of all tasks so far at once. */
final class Joint implements Learner {
    private final FineTuning tuning;
    private final int batch;
    private final List<Example> all = new ArrayList<>();

    Joint(FineTuning tuning, int batch) {
        this.tuning = tuning;
        this.batch = batch;
    }

    @Override
    public void learn(ClassStream.Stage stage) {
        all.addAll(stage.train());
        tuning.epochs(all, batch, examples -> {
            tuning.add(examples, 1.0 / examples.size());
            tuning.update();
        });
    }
}
