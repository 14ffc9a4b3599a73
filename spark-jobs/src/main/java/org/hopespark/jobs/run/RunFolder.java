package org.hopespark.jobs.run;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.TrainingConfig;
import org.hopespark.conf.UserException;
import org.hopespark.data.tokenizer.TokenizerInfo;
import org.hopespark.model.eval.HeldOut;

/** The names inside a run's folder, and what a checkpoint says about its run. */
public final class RunFolder {
    public static final String CONFIG = "config";
    public static final String DATA = "data";
    public static final String DATA_IDENTITY = "data-identity";
    public static final String TOKENIZER = "tokenizer";
    public static final String DATA_ORDER = "data-order";
    public static final String WORKERS = "workers";

    private RunFolder() {}

    public static String checkpoints(String run) {
        return run + "/checkpoints";
    }

    public static String metrics(String run) {
        return run + "/metrics.jsonl";
    }

    public static String tensorBoard(String run) {
        return run + "/tensorboard";
    }

    public static String config(String run) {
        return run + "/config.yaml";
    }

    /** Adds what an evaluation of the run has found to its metrics. */
    public static void addEvaluation(
            String run, Configuration hadoop, long step, HeldOut.Sums sums, String prompt, String text) {
        try (MetricsLog log = new MetricsLog(metrics(run), hadoop)) {
            log.add(RunEvent.Validation.ofRun(step, sums.loss(), sums.bitsPerByte()));
            log.add(new RunEvent.Sample(step, prompt, text));
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

    /** What its ids stand for; empty where an older version has written it. */
    public static Optional<TokenizerInfo> tokenizer(Checkpoint checkpoint) {
        return Optional.ofNullable(checkpoint.about().get(TOKENIZER))
                .map(json -> RunJson.read(json, TokenizerInfo.class));
    }

    /** What a checkpoint says about itself, with another configuration and another name of the tokenizer. */
    public static Map<String, String> about(Checkpoint checkpoint, RunConfig config, TokenizerInfo tokenizer) {
        Map<String, String> about = new HashMap<>(checkpoint.about());
        about.put(CONFIG, config.print());
        about.put(TOKENIZER, print(tokenizer));
        return about;
    }

    public static String print(TokenizerInfo tokenizer) {
        return RunJson.MAPPER.valueToTree(tokenizer).toString();
    }

    /** Version of the order in which the run has read it so far. */
    public static int dataOrder(Checkpoint checkpoint) {
        return Integer.parseInt(checkpoint.about().getOrDefault(DATA_ORDER, "1"));
    }

    private static String about(Checkpoint checkpoint, String key) {
        String value = checkpoint.about().get(key);
        if (value == null) {
            throw new UserException("checkpoint " + checkpoint + " does not say its " + key
                    + ": it was not written by a pretraining run");
        }
        return value;
    }

    /** Refuses to resume from a checkpoint of a run that computes something else. */
    public static void requireSameRun(Checkpoint checkpoint, RunConfig config, String dataIdentity) {
        RunConfig saved = config(checkpoint);
        List<String> differences = new java.util.ArrayList<>();
        differ(differences, "seed", saved.seed(), config.seed());
        differ(differences, "init", saved.init(), config.init());
        differ(differences, "model", saved.model(), config.model());
        differ(differences, "levels", saved.levels(), config.levels());
        differ(differences, "training.batch-sequences", batch(saved), batch(config));
        differ(differences, DATA_IDENTITY, dataIdentity(checkpoint), dataIdentity);
        if (!differences.isEmpty()) {
            throw new UserException("the run folder holds a checkpoint of another run, " + checkpoint + ":"
                    + String.join("", differences) + "\n  use another --run folder, or the settings of that run");
        }
    }

    /**
     * What this start of a run does differently from the one that has written its checkpoint.
     *
     * @throws UserException when the loss depends on it, and the user has not accepted that
     */
    public static List<RunConfig.Change> changes(Checkpoint checkpoint, RunConfig config, boolean accepted) {
        List<RunConfig.Change> changes = config.changesFrom(config(checkpoint), checkpoint.step()).stream()
                .filter(change ->
                        !change.setting().equals("name") && !change.setting().equals("preset"))
                .toList();
        List<String> refused = changes.stream()
                .filter(change -> change.changesLoss() && !accepted)
                .map(RunConfig.Change::toString)
                .toList();
        if (!refused.isEmpty()) {
            throw UserException.of(
                    "the loss from step " + (checkpoint.step() + 1) + " on depends on settings that are not those of "
                            + checkpoint
                            + ": give --accept-changes to continue with the new ones, or the old ones again",
                    refused);
        }
        return changes;
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
}
