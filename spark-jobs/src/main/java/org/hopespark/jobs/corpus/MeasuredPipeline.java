package org.hopespark.jobs.corpus;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.CorpusConfig;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.Settings;
import org.hopespark.data.corpus.StepRecord;
import org.hopespark.data.filter.StageCount;
import org.hopespark.data.shard.Manifest;
import org.hopespark.data.shard.Shard;
import org.hopespark.jobs.prepare.PrepareJob;

/** Runs a corpus pipeline, packs what it keeps, and reports what every step has cost. Its output is a local folder. */
public final class MeasuredPipeline {
    /** What comes behind the pipeline's own steps. */
    public static final String PREPARE = "prepare";

    private static final String LANES = "8";

    private final SparkSession session;
    private final JavaSparkContext spark;
    private final CorpusConfig config;
    private final String tokenizer;
    private final PrintStream out;
    private final StepCosts costs;

    /**
     * One step.
     *
     * @param name its folder's name, or {@link #PREPARE}
     * @param documentsIn documents that it read
     * @param documentsOut documents that it kept
     * @param bytesOut UTF-8 bytes of their texts
     * @param diskBytes of all the files that it has made
     * @param seconds by the clock, from its first task to its last
     * @param taskSeconds of all tasks together
     * @param shuffleBytes written to the executors' disks in between
     */
    public record Step(
            String name,
            long documentsIn,
            long documentsOut,
            long bytesOut,
            long diskBytes,
            double seconds,
            double taskSeconds,
            long shuffleBytes) {}

    /**
     * What has been run.
     *
     * @param steps in order, {@link #PREPARE} last
     * @param tokens of the data set, marks included
     * @param shardBytes of its shards
     */
    public record Result(List<Step> steps, long tokens, long shardBytes) {
        public Result {
            steps = List.copyOf(steps);
        }
    }

    /** A pipeline that is to be run on a session of its own. */
    public MeasuredPipeline(SparkSession session, CorpusConfig config, String tokenizer, PrintStream out) {
        this.session = session;
        this.config = config;
        this.tokenizer = tokenizer;
        this.out = out;
        spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        costs = StepCosts.listen(spark);
    }

    /**
     * Runs everything, then stops the session.
     *
     * @param last seen before the session is stopped
     */
    public Result run(Runnable last) {
        CorpusJob job = new CorpusJob(session, config, out);
        List<StepRecord> records = job.run().steps();
        String kept = job.folderOf(records.size() - 1) + "/kept";
        String output = config.output() + "/" + PREPARE;
        spark.setLocalProperty(StepCosts.STEP, PREPARE);
        Manifest manifest = PrepareJob.run(session, prepare(kept, output), out);
        last.run();
        session.stop();
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            StepRecord record = records.get(i);
            StageCount read = record.counts().get(0);
            steps.add(
                    step(job.nameOf(i), read.documentsIn(), record.documents(), record.bytes(), size(job.folderOf(i))));
        }
        long documents = manifest.training().documents() + manifest.validation().documents();
        long shards = manifest.shards().stream().mapToLong(Shard::bytes).sum();
        steps.add(step(
                PREPARE, documents, documents, records.get(records.size() - 1).bytes(), shards));
        long tokens = manifest.shards().stream().mapToLong(Shard::realTokens).sum();
        return new Result(steps, tokens, shards);
    }

    private Step step(String name, long in, long out, long bytes, long disk) {
        StepCosts.Cost cost = costs.of(name);
        return new Step(name, in, out, bytes, disk, cost.seconds(), cost.taskSeconds(), cost.shuffleBytes());
    }

    private PrepareConfig prepare(String kept, String output) {
        return PrepareConfig.of(Settings.parse("packing of the pipeline's result", "")
                .with(List.of(
                        "inputs=[{path: '" + kept + "'}]",
                        "output='" + output + "'",
                        "tokenizer='" + tokenizer + "'",
                        "sequence-tokens=2048",
                        "lanes=" + LANES)));
    }

    private static long size(String folder) {
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
