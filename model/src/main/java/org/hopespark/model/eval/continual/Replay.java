package org.hopespark.model.eval.continual;

import java.util.ArrayList;
import java.util.List;

/** Half of a batch is new, as much again is drawn from the reservoir of what went by, this task's texts included. */
final class Replay implements Learner {
    private final FineTuning tuning;
    private final int batch;
    private final Reservoir reservoir;

    Replay(FineTuning tuning, int batch, int buffer) {
        this.tuning = tuning;
        this.batch = batch;
        reservoir = new Reservoir(buffer, tuning.random());
    }

    @Override
    public void learn(ClassStream.Stage stage) {
        List<Example> unseen = new ArrayList<>(stage.train());
        tuning.epochs(stage.train(), batch / 2, fresh -> {
            List<Example> both = new ArrayList<>(fresh);
            both.addAll(reservoir.draw(fresh.size()));
            tuning.add(both, 1.0 / both.size());
            tuning.update();
            if (!unseen.isEmpty()) {
                fresh.forEach(reservoir::see);
                unseen.subList(0, fresh.size()).clear();
            }
        });
    }
}
