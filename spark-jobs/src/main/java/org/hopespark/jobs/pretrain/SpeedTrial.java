package org.hopespark.jobs.pretrain;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.run.RunEvent;

/** How long a step of a run takes on this cluster: the first ones, in a folder that is removed afterwards. */
public final class SpeedTrial {
    private static final int STEPS = 10;
    /** Classes are loaded and buffers are made in these. */
    private static final int FIRST = 2;

    private static final String FOLDER = "_speed-trial";

    private SpeedTrial() {}

    /** Mean seconds of a step. */
    public static double secondsPerStep(SparkSession spark, RunConfig config, String data, String run)
            throws IOException {
        Path folder = new Path(run, FOLDER);
        List<Double> seconds = new ArrayList<>();
        RunConfig few = config.with(List.of(
                "training.steps=" + STEPS,
                "training.warmup-steps=1",
                "checkpoint.every-steps=" + STEPS,
                "checkpoint.permanent-every-steps=0",
                "evaluation.every-steps=0"));
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
        try {
            PretrainJob job = new PretrainJob(spark, few, data, folder.toString(), nowhere);
            job.follow(event -> addSeconds(event, seconds));
            job.run();
        } finally {
            folder.getFileSystem(spark.sparkContext().hadoopConfiguration()).delete(folder, true);
        }
        return seconds.stream()
                .skip(FIRST)
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow();
    }

    private static void addSeconds(RunEvent event, List<Double> seconds) {
        if (event instanceof RunEvent.StepDone step) {
            seconds.add(step.seconds());
        }
    }
}
