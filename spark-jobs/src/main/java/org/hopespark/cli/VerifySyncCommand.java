package org.hopespark.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.verify.SyncVerification;
import org.hopespark.model.ElementType;
import org.hopespark.model.Network;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code check sync}: exit code 1 if any comparison fails. */
@Command(
        name = "sync",
        mixinStandardHelpOptions = true,
        description = "Trains N replicas and one on the same batches and prints the largest difference per level.")
public final class VerifySyncCommand implements Callable<Integer> {
    private static final String SMALL = """
            name: verify-sync
            model: {vocabulary-size: 61, width: 32, blocks: 2, head-width: 16, chunk-tokens: 8, context-tokens: 32}
            levels:
              - {period-steps: 1, continuum-hidden: 32}
              - {period-steps: 4, continuum-hidden: 32}
              - {period-steps: 16, continuum-hidden: 32}
            training: {steps: 48, batch-sequences: 8, warmup-steps: 4, learning-rate: 1.0e-3}
            checkpoint: {every-steps: 1000000}
            """;

    @Option(
            names = "--workers",
            split = ",",
            paramLabel = "N",
            description = "Numbers of replicas. Default: ${DEFAULT-VALUE}.",
            defaultValue = "1,2,4")
    private List<Integer> workers = new ArrayList<>();

    @Option(
            names = "--config",
            paramLabel = "FILE|NAME",
            description = "A configuration to verify instead of the small ones, one for each reduction; large models"
                    + " take long.")
    private String config = "";

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a setting of --config.")
    private List<String> overrides = new ArrayList<>();

    @Override
    public Integer call() {
        List<RunConfig> runs =
                config.isEmpty() ? small() : List.of(RunConfig.read(UserFiles.config(config), overrides));
        runs.forEach(this::check);
        Network.useThreads(1);
        System.out.printf(
                "verify-sync: %d steps, %d sequences a step%n%n",
                runs.get(0).training().steps(), runs.get(0).training().batchSequences());
        System.out.println(
                "   type     N  level                     largest difference  relative   bytes sent   by formula");
        boolean passed = true;
        for (RunConfig run : runs) {
            passed &= passes(run);
        }
        System.out.println(passed ? "\nPASS" : "\nFAIL");
        return passed ? 0 : 1;
    }

    private void check(RunConfig run) {
        for (int n : workers) {
            if (n < 1 || run.training().batchSequences() % n != 0) {
                throw new UserException("--workers " + n + " must divide training.batch-sequences "
                        + run.training().batchSequences());
            }
        }
        run.schedule().levels().stream()
                .filter(Level::isApproximate)
                .findFirst()
                .ifPresent(level -> {
                    throw new UserException("check sync compares exact levels, and one is approximate (" + level
                            + "): set its wire to float32 and its delay-steps to 0");
                });
    }

    private boolean passes(RunConfig run) {
        SyncVerification verification = new SyncVerification(run);
        boolean passed = true;
        for (ElementType type : List.of(ElementType.FLOAT32, ElementType.FLOAT64)) {
            for (int n : workers) {
                for (SyncVerification.Row row : verification.compare(type, n)) {
                    passed &= row.passes();
                    System.out.printf(
                            "  %s  %2d  %-24s  %18.3e  %.2e  %11d  %11d  %s%n",
                            row.type(),
                            row.workers(),
                            row.level(),
                            row.difference(),
                            row.relative(),
                            row.bytes(),
                            row.expectedBytes(),
                            row.passes() ? "" : "<- FAIL");
                }
            }
        }
        return passed;
    }

    /** One configuration for each way in which slow levels reduce their windows. */
    private static List<RunConfig> small() {
        RunConfig small = RunConfig.parse("verify-sync", SMALL);
        return Stream.of("mean", "sum", "sum-of-updates")
                .map(reduction ->
                        small.with(List.of("levels.1.reduction=" + reduction, "levels.2.reduction=" + reduction)))
                .toList();
    }
}
