package org.hopespark.model.eval.continual;

/** Goes through each task's texts; which parameters follow is up to {@link FineTuning}. */
final class Sequential implements Learner {
    private final FineTuning tuning;
    private final int batch;

    Sequential(FineTuning tuning, int batch) {
        this.tuning = tuning;
        this.batch = batch;
    }

    @Override
    public void learn(ClassStream.Stage stage) {
        tuning.epochs(stage.train(), batch, examples -> {
            tuning.add(examples, 1.0 / examples.size());
            tuning.update();
        });
    }
}
