package org.hopespark.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.hopespark.jobs.pretrain.Runs.lines;
import static org.hopespark.jobs.pretrain.Runs.parts;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cli.Main;
import org.hopespark.cluster.CheckpointFailedException;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.cluster.spark.AttemptFailedException;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.pretrain.Fault.Disturbed;
import org.hopespark.jobs.pretrain.Fault.Kind;
import org.hopespark.jobs.run.RunEvent;
import org.hopespark.model.Accumulators;
import org.hopespark.model.DivergedException;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.Network;
import org.hopespark.model.ReplicaMismatchException;
import org.hopespark.model.StateSection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What happens to whole runs of two workers, on four executor processes; docs/reference/fault-matrix.md has the rows,
 * and what has them too.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 4, unit = TimeUnit.MINUTES)
final class FaultMatrixTest {
    /** Level 2 is in the middle of a window at most steps, level 3 at nearly all, the last one included. */
    private static final RunConfig CONFIG = RunConfig.parse("test", """
            name: test
            model: {vocabulary-size: 257, width: 32, blocks: 1, head-width: 16, chunk-tokens: 16, context-tokens: 64}
            levels:
              - {period-steps: 1, continuum-hidden: 32}
              - {period-steps: 4, continuum-hidden: 32}
              - {period-steps: 16, continuum-hidden: 32}
            training:
              {steps: 38, batch-sequences: 4, micro-batch-sequences: 1, warmup-steps: 4, final-learning-rate-factor: 1}
            checkpoint: {every-steps: 10, keep: 0}
            cluster: {workers: 2, timeout-seconds: 20, start-timeout-seconds: 60}
            """);

    private static final long STEPS = 38;

    private static final List<String> TEN = List.of("step-00000010");

    private final Path folder;
    private final Path faults;
    private final SparkSession spark;
    private final Path undisturbed;
    private String data = "";

    FaultMatrixTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        faults = Files.createDirectory(folder.resolve("faults"));
        undisturbed = folder.resolve("undisturbed");
        SparkConf conf = Runs.conf(4)
                // so long does Spark wait for a process that stands still
                .set("spark.network.timeout", "20s")
                .set("spark.network.timeoutInterval", "2s")
                .set("spark.executor.heartbeatInterval", "2s");
        FaultyDisk.install(conf, faults);
        spark = Runs.start(conf, CONFIG);
    }

    @BeforeAll
    void trainUndisturbed() throws IOException {
        data = Runs.prepare(spark, folder);
        train(undisturbed, CONFIG);
    }

    @AfterAll
    void stop() {
        spark.stop();
    }

    @Test
    @Tag("slow")
    void aRunWhoseWorkersAreKilledAgainAndAgainEndsWithTheBitsOfAnUndisturbedOne() throws IOException {
        Path run = folder.resolve("killed");
        FaultyDisk.dieAfter(faults, "killed/.*step-00000020/.*/level-3.accumulator.1-of-2");
        List<List<String>> published = new ArrayList<>();
        PretrainJob job = job(run, CONFIG);
        job.follow(event -> {
            if (event instanceof RunEvent.AttemptEnded) {
                published.add(checkpoints(run));
            }
        });
        job.run(task -> new Disturbed(
                task,
                List.of(
                        new Fault(Kind.DIES_BEFORE_THE_EXCHANGE, 1, 1, 13),
                        new Fault(Kind.DIES_INSIDE_A_SUM, 2, 0, 15),
                        new Fault(Kind.DIES_BETWEEN_TWO_LEVELS, 3, 1, 16))));

        List<JsonNode> failures = lines(run, "failure");
        assertThat(failures).hasSize(4);
        List<String> killed = List.of("rank 1 (", "rank 0 (", "rank 1 (", "rank 1 (");
        for (int i = 0; i < killed.size(); i++) {
            assertThat(failures.get(i).path("cause").asText()).contains(killed.get(i), "code 137");
        }
        assertThat(published)
                .as("nobody sees what the fourth one was writing")
                .allMatch(steps -> TEN.containsAll(steps))
                .endsWith(TEN);
        assertThat(checkpoints(run)).containsExactly(checkpoints(undisturbed).toArray(String[]::new));
        assertEqualBits(run);
    }

    @Test
    @Tag("slow")
    void aWorkerThatStandsStillIsNamedBeforeTheWaitFailsAndThenReplaced() throws IOException {
        Path run = folder.resolve("still");
        job(run, CONFIG.with(List.of("cluster.timeout-seconds=6")))
                .run(task -> new Disturbed(task, List.of(new Fault(Kind.STANDS_STILL, 1, 1, 14))));
        assertThat(lines(run, "straggler"))
                .filteredOn(line -> line.path("step").asLong() == 14)
                .hasSize(1)
                .allSatisfy(line -> assertThat(line.path("ranks")).hasToString("[1]"));
        assertThat(Files.readString(run.resolve("metrics.jsonl")))
                .containsSubsequence("\"type\":\"straggler\",\"step\":14", "\"type\":\"failure\",\"attempt\":1");
        assertThat(lines(run, "failure").get(0).path("cause").asText()).contains("rank 1 (127.0.0.1:", "step 14");
        assertEqualBits(run);
    }

    @Test
    void aPreemptedRunGoesOnInTheMiddleOfItsWindowsAndEndsWithEqualBits() throws IOException {
        Path run = folder.resolve("preempted");
        job(run, CONFIG.with(List.of("cluster.max-failures=0")))
                .run(task -> new Disturbed(task, List.of(new Fault(Kind.IS_TERMINATED, 1, 1, 25))));
        assertThat(lines(run, "preemption")).hasSize(1);
        assertThat(lines(run, "preemption").get(0).path("step").asLong()).isEqualTo(26);
        assertThat(lines(run, "failure")).isEmpty();
        assertThat(parts(run, 26)).containsKeys("level-2.window of rank 0", "level-2.window of rank 1");
        assertThat(lines(run, "step").stream().map(line -> line.path("step").asLong()))
                .as("no step is done twice")
                .doesNotHaveDuplicates()
                .hasSize((int) STEPS);
        assertEqualBits(run);
    }

    @Test
    void trainingGoesOnWhileTheDiskIsFullAndTheNextCheckpointIsSaved() throws IOException {
        Path run = folder.resolve("full");
        FaultyDisk.fillUp(faults, "full/.*step-00000020/.*/level-2.*1-of-2");
        List<List<String>> published = new ArrayList<>();
        PretrainJob job = job(run, CONFIG.with(List.of("checkpoint.keep=1")));
        job.follow(event -> {
            if (event instanceof RunEvent.CheckpointFailed) {
                published.add(checkpoints(run));
            }
        });
        job.run();
        assertThat(lines(run, "checkpoint-failure")).hasSize(1);
        JsonNode failure = lines(run, "checkpoint-failure").get(0);
        assertThat(failure.path("step").asLong()).isEqualTo(20);
        assertThat(failure.path("cause").asText()).contains("rank 1", "No space left on device");
        assertThat(published).containsExactly(TEN);
        assertThat(lines(run, "checkpoint").stream()
                        .map(line -> line.path("step").asLong()))
                .containsExactly(10L, 30L, STEPS);
        assertThat(checkpoints(run)).containsExactly("step-00000038");
        assertThat(lines(run, "failure")).isEmpty();
        assertEqualBits(run);
    }

    @Test
    void aRunWhoseLastCheckpointCannotBeSavedDoesNotEndWell() throws IOException {
        Path run = folder.resolve("full-at-the-end");
        FaultyDisk.fillUp(faults, "full-at-the-end/.*step-00000012/.*/level-2.*1-of-2");
        RunConfig brief = CONFIG.with(List.of("training.steps=12"));
        assertThatThrownBy(() -> job(run, brief).run())
                .isInstanceOf(CheckpointFailedException.class)
                .hasMessageContaining("trained to step 12", "it resumes after step 10");
        assertThat(lines(run, "finished")).isEmpty();
        assertThat(lines(run, "failure")).hasSize(1);
        assertThat(run.resolve("checkpoints")).isDirectoryNotContaining("glob:**/step-00000012");
        assertThat(Files.readString(run.resolve("report.html"))).contains("not finished at step 12", "No space left");
        FaultyDisk.fillUp(faults, "nothing");
        job(run, brief).run();
        assertThat(lines(run, "finished")).hasSize(1);
        assertThat(parts(run, 12)).hasSize(18);
    }

    @Test
    void aDamagedCheckpointIsPassedOverAndTheOneBeforeEndsWithEqualBits() throws IOException {
        Path run = folder.resolve("damaged");
        for (String step : List.of("step-00000010", "step-00000020", "step-00000030")) {
            Runs.copy(
                    undisturbed.resolve("checkpoints").resolve(step),
                    run.resolve("checkpoints").resolve(step));
        }
        Path part = Runs.part(run, 30, "level-2.optimizer.1-of-2.safetensors");
        byte[] bytes = Files.readAllBytes(part);
        bytes[bytes.length - 5] ^= 1;
        Files.write(part, bytes);
        Files.delete(Runs.part(run, 20, "level-1.parameters.0-of-2.safetensors"));
        train(run, CONFIG);
        assertThat(lines(run, "step").get(0).path("step").asLong()).isEqualTo(11);
        assertEqualBits(run);
    }

    @ParameterizedTest
    @ValueSource(strings = {"replicated", "sharded"})
    void aPoisonedGradientIsRefusedByNameAndNotTriedAgain(String optimizer) {
        Path run = folder.resolve("poisoned-" + optimizer);
        assertThatThrownBy(() -> job(run, CONFIG.with(List.of("exchange.optimizer=" + optimizer)))
                        .run(task -> new Disturbed(task, List.of(new Fault(Kind.POISONS_ITS_GRADIENT, 1, 1, 12)))))
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("the gradient of level L2, C=4 is not finite at step 12")
                .hasMessageContaining("blocks.0.");
        assertThat(lines(run, "worker")).hasSize(2);
        assertThat(checkpoints(run)).as("what was being written may be lost").isSubsetOf(TEN);
    }

    /** The worker whose memory it is notices before the level is updated; nobody learns from it. */
    @ParameterizedTest
    @Tag("slow") // a minute
    @CsvSource({
        "replicated, FLIPS_A_PARAMETER, blocks.0.",
        "sharded, FLIPS_A_MOMENT, first-moment.",
    })
    void aBitThatFlipsInMemoryCostsAnAttemptAndTheRunEndsWithEqualBits(String optimizer, Kind kind, String tensor)
            throws IOException {
        Path run = folder.resolve("flipped-" + optimizer);
        job(run, CONFIG.with(List.of("exchange.optimizer=" + optimizer)))
                .run(task -> new Disturbed(task, List.of(new Fault(kind, 1, 1, 13))));
        List<JsonNode> failures = lines(run, "failure");
        assertThat(failures).hasSize(1);
        assertThat(failures.get(0).path("cause").asText())
                .contains("rank 1, step 16, level L2, C=4: " + tensor, "has changed in memory since step 12");
        if (optimizer.equals("replicated")) {
            assertEqualBits(run);
        } else {
            assertThat(parameters(run)).containsExactly(parameters(undisturbed));
        }
    }

    @Test
    void withoutChecksOfMemoryAnotherParameterStopsTheRunAtTheNextBoundaryOfItsLevel() {
        Path run = folder.resolve("unchecked");
        List<String> settings = List.of("exchange.optimizer=sharded", "training.state-check-every-steps=0");
        assertThatThrownBy(() -> job(run, CONFIG.with(settings))
                        .run(task -> new Disturbed(task, List.of(new Fault(Kind.FLIPS_A_PARAMETER, 1, 1, 13)))))
                .isInstanceOf(ReplicaMismatchException.class)
                .hasMessageContaining("step 16: the parameters of level 2 differ: ranks [0] have digest")
                .hasMessageContaining("ranks [1] have digest");
        assertThat(lines(run, "worker")).hasSize(2);
        assertThat(checkpoints(run)).as("what was being written may be lost").isSubsetOf(TEN);
    }

    /** The four go away in the middle of the windows of levels 2 and 3, the two end there. */
    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {"replicated", "sharded"})
    void fourWorkersThenTwoThenFourLearnWhatTwoLearn(String optimizer) throws IOException {
        Path run = folder.resolve("resized-" + optimizer);
        RunConfig config = CONFIG.with(List.of("exchange.optimizer=" + optimizer));
        assertThatThrownBy(() -> job(run, config.with(List.of("cluster.workers=4", "cluster.max-preemptions=0")))
                        .run(task -> new Disturbed(task, List.of(new Fault(Kind.IS_TERMINATED, 1, 3, 13)))))
                .isInstanceOf(AttemptFailedException.class);
        assertThat(parts(run, 14)).containsKey("level-3.window of rank 3");
        train(run, config.with(List.of("training.steps=27")));
        train(run, config.with(List.of("cluster.workers=4")));

        List<JsonNode> resized = lines(run, "step");
        List<JsonNode> two = lines(undisturbed, "step");
        assertThat(resized).hasSameSizeAs(two);
        for (int i = 0; i < two.size(); i++) {
            assertThat(resized.get(i).path("step").asInt()).isEqualTo(i + 1);
            assertThat(resized.get(i).path("workers").asInt()).isEqualTo(i < 14 || i >= 27 ? 4 : 2);
            assertThat(resized.get(i).path("tokens").asLong())
                    .isEqualTo(two.get(i).path("tokens").asLong());
            assertThat(resized.get(i).path("loss").asDouble())
                    .as("loss of step %d", i + 1)
                    .isCloseTo(two.get(i).path("loss").asDouble(), within(1e-4));
        }
        assertThat(parameters(run)).containsExactly(parameters(undisturbed), within(1e-3));
    }

    @Test
    @Tag("slow")
    void aRunWhoseDriverIsKilledGoesOnByTheSameCommand() throws Exception {
        Path run = folder.resolve("driver");
        Process first = driver(run);
        Runs.awaitStep(run, 14, first.onExit());
        List<ProcessHandle> executors = first.descendants().toList();
        first.destroyForcibly().waitFor();
        for (ProcessHandle executor : executors) {
            assertThat(executor.onExit().get(1, TimeUnit.MINUTES)).isNotNull();
        }
        assertThat(lines(run, "finished")).isEmpty();

        assertThat(driver(run).waitFor()).isZero();
        assertThat(lines(run, "finished")).hasSize(1);
        assertThat(lines(run, "step").stream()
                        .map(line -> line.path("step").asLong())
                        .distinct())
                .as("no step is missing")
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, STEPS).boxed().toList());
        assertEqualBits(run);
    }

    @Test
    @Tag("slow") // two minutes
    void aDriverThatIsToldToStopSavesAndTheSameCommandEndsWithEqualBits() throws Exception {
        Path run = folder.resolve("stopped");
        Process first = driver(run);
        Runs.awaitStep(run, 14, first.onExit());
        first.destroy();
        assertThat(first.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(first.exitValue()).isEqualTo(143);
        String said = Files.readString(folder.resolve("driver.log"));
        assertThat(said).containsPattern("hope pretrain: stopped; step \\d+ is saved, and the same command resumes");
        assertThat(said).as("no stack trace").doesNotContain("\tat org.apache.spark");
        long saved = lines(run, "stop").get(0).path("step").asLong();
        assertThat(checkpoints(run)).contains(String.format("step-%08d", saved));

        train(run, CONFIG);
        assertThat(lines(run, "step").stream().map(line -> line.path("step").asLong()))
                .as("no step is done twice")
                .doesNotHaveDuplicates()
                .hasSize((int) STEPS);
        assertEqualBits(run);
    }

    private Process driver(Path run) throws IOException {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
        command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
        Runs.executors(2).forEach((name, value) -> command.add("-D" + name + "=" + value));
        Path config = Files.writeString(folder.resolve("driver.yaml"), CONFIG.print());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of("pretrain", "--config=" + config, "--data=" + data, "--run=" + run));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("driver.log").toFile())
                .start();
    }

    private void assertEqualBits(Path run) throws IOException {
        assertThat(parts(run, STEPS)).hasSize(18).isEqualTo(parts(undisturbed, STEPS));
    }

    private PretrainJob job(Path run, RunConfig config) {
        return new PretrainJob(spark, config, data, run.toString(), Runs.quiet());
    }

    private void train(Path run, RunConfig config) throws IOException {
        job(run, config).run();
    }

    private static List<String> checkpoints(Path run) {
        if (!Files.exists(run.resolve("checkpoints"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(run.resolve("checkpoints"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> Files.exists(
                            run.resolve("checkpoints").resolve(name).resolve("manifest.json")))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All parameters of a run's last checkpoint. */
    private static double[] parameters(Path run) {
        CheckpointStore store = new CheckpointStore(run.resolve("checkpoints").toString(), new Configuration());
        try (Network network = new Network(CONFIG)) {
            List<StateSection> sections = network.levels().sectionsToLoad(Accumulators.REDUCED);
            store.load(store.newestValid().orElseThrow(), sections);
            return sections.stream()
                    .filter(section -> section.name().endsWith(".parameters"))
                    .flatMap(section -> section.tensors().stream())
                    .map(NamedTensor::data)
                    .flatMapToDouble(
                            data -> LongStream.range(0, data.elements()).mapToDouble(data::get))
                    .toArray();
        }
    }
}
