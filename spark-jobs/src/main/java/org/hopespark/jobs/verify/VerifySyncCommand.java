package org.hopespark.jobs.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.hopespark.conf.ConfigException;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.ElementType;
import org.hopespark.model.Network;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code verify-sync}: exit code 1 if any comparison fails. */
@Command(
        name = "verify-sync",
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
            description = "A configuration to verify instead of the small one; large models take long.")
    private String config = "";

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a setting of --config.")
    private List<String> overrides = new ArrayList<>();

    @Override
    public Integer call() {
        RunConfig run = config.isEmpty() ? small() : RunConfig.read(config, overrides);
        for (int n : workers) {
            if (n < 1 || run.training().batchSequences() % n != 0) {
                throw new ConfigException("--workers " + n + " must divide training.batch-sequences "
                        + run.training().batchSequences());
            }
        }
        run.schedule().levels().stream()
                .filter(Level::isApproximate)
                .findFirst()
                .ifPresent(level -> {
                    throw new ConfigException("verify-sync compares exact levels, and one is approximate (" + level
                            + "): set its wire to float32 and its delay-steps to 0");
                });
        Network.useThreads(1);
        SyncVerification verification = new SyncVerification(run);
        System.out.printf(
                "verify-sync: %d steps, %d sequences a step%n%n",
                run.training().steps(), run.training().batchSequences());
        System.out.println("   type     N  level       largest difference  relative   bytes sent   by formula");
        boolean passed = true;
        for (ElementType type : List.of(ElementType.FLOAT32, ElementType.FLOAT64)) {
            for (int n : workers) {
                for (SyncVerification.Row row : verification.compare(type, n)) {
                    passed &= row.passes();
                    System.out.printf(
                            "  %s  %2d  %-10s  %18.3e  %.2e  %11d  %11d  %s%n",
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
        System.out.println(passed ? "\nPASS" : "\nFAIL");
        return passed ? 0 : 1;
    }

    static RunConfig small() {
        return RunConfig.parse("verify-sync", SMALL);
    }
}
