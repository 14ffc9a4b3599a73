package org.hopespark.model.eval;

import java.nio.file.Path;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** One model, ready to be put to tasks. */
public final class Evaluation {
    private static final Logger LOG = LogManager.getLogger(Evaluation.class);

    private final TextEncoder encoder;
    private final Scorer scorer;
    private final EvaluationSettings settings;
    private final RequestCache cache;

    public Evaluation(TextEncoder encoder, Scorer scorer, EvaluationSettings settings, RequestCache cache) {
        this.encoder = encoder;
        this.scorer = scorer;
        this.settings = settings;
        this.cache = cache;
    }

    /**
     * Runs {@code task} on its files, which lie in {@code folders} or below; documents and answers go to {@code log}.
     */
    public List<TaskResult> run(Task task, List<Path> folders, SampleLog log) {
        TaskFiles files = TaskFiles.find(task, folders);
        LanguageModel model = new TokenLanguageModel(encoder, scorer, settings, cache);
        List<Measurement> measurements = task.measure(files, settings.limit(), model, log);
        long n = measurements.get(0).n();
        if (settings.limit() == 0 && task.documents() > 0 && n != task.documents()) {
            LOG.warn(
                    "{} has {} documents, the published set of {} has {}: scores do not compare with published ones",
                    files.only().path(),
                    n,
                    task.name(),
                    task.documents());
        }
        return rows(task.name(), task.version(), measurements);
    }

    /** The same without a log. */
    public List<TaskResult> run(Task task, List<Path> folders) {
        return run(task, folders, SampleLog.NONE);
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
                        m.part(),
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
