package org.hopespark.jobs.pretrain;

import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.package$;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.conf.ConfigException;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.TrainingConfig;
import org.hopespark.model.eval.HeldOut;

/** The names inside a run's folder, and what a checkpoint says about its run. */
public final class RunFolder {
    static final String CONFIG = "config";
    static final String DATA = "data";
    static final String DATA_IDENTITY = "data-identity";
    public static final String WORKERS = "workers";

    private RunFolder() {}

    public static String checkpoints(String run) {
        return run + "/checkpoints";
    }

    static String metrics(String run) {
        return run + "/metrics.jsonl";
    }

    static String tensorBoard(String run) {
        return run + "/tensorboard";
    }

    static String config(String run) {
        return run + "/config.yaml";
    }

    /** Adds what an evaluation of the run has found to its metrics. */
    public static void addEvaluation(
            String run, Configuration hadoop, long step, HeldOut.Sums sums, String prompt, String text) {
        try (MetricsLog log = new MetricsLog(metrics(run), hadoop)) {
            log.add(WorkerMessages.JSON
                    .createObjectNode()
                    .put("type", "validation")
                    .put("step", step)
                    .put("loss", sums.loss())
                    .put("bits-per-byte", sums.bitsPerByte()));
            log.add(WorkerMessages.JSON
                    .createObjectNode()
                    .put("type", "sample")
                    .put("step", step)
                    .put("prompt", prompt)
                    .put("text", text));
        }
    }

    /** The configuration of the run that wrote a checkpoint. */
    public static RunConfig config(Checkpoint checkpoint) {
        return RunConfig.parse(checkpoint + ": config", about(checkpoint, CONFIG));
    }

    /** The data set that a checkpoint's run was trained on. */
    public static String data(Checkpoint checkpoint) {
        return about(checkpoint, DATA);
    }

    /** Which data set that was. */
    public static String dataIdentity(Checkpoint checkpoint) {
        return about(checkpoint, DATA_IDENTITY);
    }

    private static String about(Checkpoint checkpoint, String key) {
        String value = checkpoint.about().get(key);
        if (value == null) {
            throw new ConfigException("checkpoint " + checkpoint + " does not say its " + key
                    + ": it was not written by a pretraining run");
        }
        return value;
    }

    /** Refuses to go on from a checkpoint of a run that computes something else. */
    static void requireSameRun(Checkpoint checkpoint, RunConfig config, String dataIdentity) {
        RunConfig saved = config(checkpoint);
        List<String> differences = new java.util.ArrayList<>();
        differ(differences, "seed", saved.seed(), config.seed());
        differ(differences, "init", saved.init(), config.init());
        differ(differences, "model", saved.model(), config.model());
        differ(differences, "levels", saved.levels(), config.levels());
        differ(differences, "training.batch-sequences", batch(saved), batch(config));
        differ(differences, DATA_IDENTITY, dataIdentity(checkpoint), dataIdentity);
        if (!differences.isEmpty()) {
            throw new ConfigException("the run folder holds a checkpoint of another run, " + checkpoint + ":"
                    + String.join("", differences) + "\n  use another --run folder, or the settings of that run");
        }
    }

    private static int batch(RunConfig config) {
        TrainingConfig training = config.training();
        return training.batchSequences();
    }

    private static void differ(List<String> differences, String name, Object saved, Object now) {
        if (!saved.equals(now)) {
            differences.add("\n  - " + name + ": the checkpoint has " + saved + ", this run " + now);
        }
    }

    /** Versions that a result depends on. */
    static Map<String, String> versions() {
        return Map.of(
                "java",
                System.getProperty("java.version", "?"),
                "spark",
                package$.MODULE$.SPARK_VERSION(),
                "libtorch",
                "2.7.1",
                "hope-on-spark",
                "0.1.0");
    }
}
