package org.hopespark.cli;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.FolderLock;
import org.hopespark.data.io.Storage;
import org.hopespark.jobs.pretrain.HeldOutMerger;
import org.hopespark.jobs.run.RunFolder;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code checkpoints}: lists, verifies and removes the checkpoints of a run, on any file system of Hadoop. */
@Command(
        name = "checkpoints",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Lists, verifies or removes the checkpoints of a run.")
public final class CheckpointsCommand {
    private static final String RUN = "Folder of the run, as given to pretrain.";

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Shows every checkpoint, newest first.")
    int list(@Option(names = "--run", required = true, paramLabel = "FOLDER", description = RUN) String run) {
        List<Checkpoint> checkpoints = store(run).list();
        requireSome(checkpoints, run);
        System.out.printf("%10s %12s %8s %6s  %s%n", "step", "bytes", "workers", "files", "location");
        for (Checkpoint checkpoint : checkpoints) {
            System.out.printf(
                    Locale.ROOT,
                    "%10d %12d %8s %6d  %s%n",
                    checkpoint.step(),
                    checkpoint.bytes(),
                    checkpoint.about().getOrDefault(RunFolder.WORKERS, "?"),
                    checkpoint.parts().size(),
                    checkpoint.location());
        }
        return 0;
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = "Reads every file of every checkpoint and compares it with its manifest."
                    + " Exit status 1 if one is damaged.")
    int verify(@Option(names = "--run", required = true, paramLabel = "FOLDER", description = RUN) String run) {
        CheckpointStore store = store(run);
        Map<String, List<String>> damages = store.damages();
        requireSome(List.copyOf(damages.keySet()), run);
        damages.forEach((location, problems) -> {
            System.out.println((problems.isEmpty() ? "whole    " : "damaged  ") + location);
            problems.forEach(problem -> System.out.println("  - " + problem));
        });
        long damaged = damages.values().stream()
                .filter(problems -> !problems.isEmpty())
                .count();
        System.out.printf("%d of %d checkpoints are whole%n", damages.size() - damaged, damages.size());
        if (damaged > 0) {
            System.out.println("a run resumes from the newest whole one; remove the others by hand if you like");
        }
        return damaged == 0 ? 0 : 1;
    }

    @Command(
            name = "prune",
            mixinStandardHelpOptions = true,
            description = "Removes all but the newest whole checkpoints and the one with the lowest held-out loss, and"
                    + " what failed saves have left. Damaged ones that are newer stay and do not count. Refused while"
                    + " the run trains.")
    int prune(
            @Option(names = "--run", required = true, paramLabel = "FOLDER", description = RUN) String run,
            @Option(names = "--keep", required = true, paramLabel = "N", description = "How many stay, from 1 on.")
                    int keep,
            @Option(
                            names = "--permanent-every-steps",
                            paramLabel = "N",
                            defaultValue = "0",
                            description = "Those of multiples of this step stay besides.")
                    long permanentEverySteps)
            throws IOException {
        if (keep < 1 || permanentEverySteps < 0) {
            throw new UserException("--keep must be >= 1 and --permanent-every-steps >= 0, got " + keep + " and "
                    + permanentEverySteps);
        }
        CheckpointStore store = store(run);
        List<Checkpoint> saved = store.list();
        requireSome(saved, run);
        long best = HeldOutMerger.bestStep(run, SparkSessions.hadoop(), saved);
        List<Checkpoint> removed;
        try (FolderLock lock = FolderLock.take(run, new Storage(SparkSessions.hadoop()), "checkpoints prune")) {
            lock.requireHeld();
            removed = store.prune(keep, permanentEverySteps, best);
        }
        removed.forEach(checkpoint -> System.out.println("removed " + checkpoint));
        store.list()
                .forEach(checkpoint -> System.out.println(
                        "kept    " + checkpoint + (checkpoint.step() == best ? ", the lowest held-out loss" : "")));
        System.out.printf(
                Locale.ROOT,
                "%d checkpoints removed, %d bytes%n",
                removed.size(),
                removed.stream().mapToLong(Checkpoint::bytes).sum());
        return 0;
    }

    private static CheckpointStore store(String run) {
        return new CheckpointStore(RunFolder.checkpoints(run), SparkSessions.hadoop());
    }

    private static void requireSome(List<?> checkpoints, String run) {
        if (checkpoints.isEmpty()) {
            throw new UserException("there is no checkpoint in " + RunFolder.checkpoints(run)
                    + ": --run names the folder that pretrain was given");
        }
    }
}
