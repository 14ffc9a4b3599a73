package org.hopespark.model.eval;

import java.nio.file.Path;
import java.util.List;

/** One model, ready to be put to tasks. */
public final class Evaluation {
    private final TextEncoder encoder;
    private final Scorer scorer;
    private final EvaluationSettings settings;

    public Evaluation(TextEncoder encoder, Scorer scorer, EvaluationSettings settings) {
        this.encoder = encoder;
        this.scorer = scorer;
        this.settings = settings;
    }

    /** Runs {@code task} on its file in {@code folder}. */
    public List<TaskResult> run(Task task, Path folder) {
        TaskFile file = TaskFile.find(task, folder);
        LanguageModel model = new TokenLanguageModel(encoder, scorer, settings);
        return rows(task.name(), task.version(), task.measure(file, settings.limit(), model));
    }

    /** Measures the loss on held-out data of the model's own kind: the task {@code validation}. */
    public List<TaskResult> run(HeldOut heldOut) {
        return rows(HeldOut.TASK, HeldOut.VERSION, heldOut.sums().measurements());
    }

    private List<TaskResult> rows(String task, int version, List<Measurement> measurements) {
        return measurements.stream()
                .map(m -> new TaskResult(
                        task,
                        version,
                        m.metric(),
                        m.value(),
                        m.standardError(),
                        m.n(),
                        m.chance(),
                        scorer.maxTokens(),
                        settings.prefix(),
                        scorer.dtype(),
                        encoder.name()))
                .toList();
    }
}
