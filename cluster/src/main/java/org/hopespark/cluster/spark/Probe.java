package org.hopespark.cluster.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.hopespark.cluster.Generation;

/** A gang that trains nothing: what the workers of a run would be and see, also where a run would refuse them. */
public final class Probe {
    /** So that workers with the same problem have the same sentence. */
    private static final String SUBJECT = "it";

    private final Gang gang;

    /** Of the executors that a gang runs on. */
    public Probe(Gang gang) {
        this.gang = gang;
    }

    /**
     * What a worker is and has found.
     *
     * @param executor Spark's id of its executor
     * @param host as the other workers know it
     * @param gpu address of its GPU, empty for none
     * @param otherCode why its code keeps it from being a worker of a run
     * @param missingGpu why its lack of a GPU does
     * @param clockAheadMillis its clock less the driver's, less what a message takes
     * @param found what the function has returned
     */
    public record Seen(
            int rank,
            String executor,
            String host,
            String gpu,
            List<String> otherCode,
            List<String> missingGpu,
            long clockAheadMillis,
            String found) {
        public Seen {
            otherCode = List.copyOf(otherCode);
            missingGpu = List.copyOf(missingGpu);
        }

        /** The worker, for the user. */
        public String place() {
            return "rank " + rank + " (executor " + executor + " on " + host + ")";
        }
    }

    /**
     * Runs a function on as many workers as a run would have, in the order of their ranks.
     *
     * @throws AttemptFailedException when one of them or its executor ends early
     */
    public List<Seen> run(int workers, WorkerFunction function) {
        Attempt attempt = new Attempt(
                new Generation(UUID.randomUUID(), 0),
                workers,
                new Requirements(Identity.ANY, false),
                (rank, report) -> {});
        List<String> found = gang.run(attempt, function, () -> false);
        Requirements wanted = gang.requirements(function);
        Map<Integer, Registration> registered = attempt.registered();
        List<Seen> seen = new ArrayList<>();
        for (int rank = 0; rank < workers; rank++) {
            Registration worker = Optional.ofNullable(registered.get(rank)).orElseThrow();
            seen.add(new Seen(
                    rank,
                    worker.executor(),
                    worker.member().host(),
                    worker.gpu(),
                    wanted.identity().differences(SUBJECT, worker.identity()),
                    wanted.missedGpu(SUBJECT, worker),
                    attempt.clockAheadMillis(rank),
                    found.get(rank)));
        }
        return seen;
    }
}
