package org.hopespark.jobs.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hopespark.cluster.spark.Probe;
import org.hopespark.cluster.spark.TaskGpu;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.progress.Units;
import org.hopespark.model.WorkerMemory;

/** Judges what driver and workers have found: a function of both, without I/O. */
final class ClusterFindings {
    private static final int OLDEST_JAVA = 17;
    /** What locks and logs of a run bear, and what a message of a busy machine may take. */
    private static final long CLOCK_MILLIS = 5_000;

    private static final int PLACES = 3;

    private final DriverFacts driver;
    private final List<Worker> workers;
    private final List<Check> checks = new ArrayList<>();

    /** A worker, and what it has found. */
    record Worker(Probe.Seen seen, WorkerFacts facts) {}

    private ClusterFindings(DriverFacts driver, List<Worker> workers) {
        this.driver = driver;
        this.workers = workers;
    }

    /**
     * All checks, those that go well with their figures, too.
     *
     * @param workers none where no executor could be asked
     */
    static List<Check> of(DriverFacts driver, List<Worker> workers) {
        return new ClusterFindings(driver, workers).checks();
    }

    private List<Check> checks() {
        slots();
        add("allocation", driver.allocation(), List.of(), "a fixed number of executors, no speculation");
        memory();
        gpus();
        asked("run folder", driver.run(), worker -> worker.facts().run(), "all workers see it and write there");
        asked("data", driver.data(), worker -> worker.facts().data(), "all workers see what the driver sees");
        clocks();
        asked("jar", List.of(), worker -> String.join("; ", worker.seen().otherCode()), "the same everywhere");
        asked("java", List.of(), ClusterFindings::java, javas());
        asked("libtorch", List.of(), worker -> worker.facts().natives(), "is loaded on all workers");
        add("protection", driver.protection(), driver.protectionWarnings(), "as the settings ask for");
        asked("network", List.of(), worker -> worker.facts().network(), "each worker reaches the next");
        return List.copyOf(checks);
    }

    private void slots() {
        int fewest = driver.config().cluster().minWorkers();
        boolean continues = fewest > 0 && driver.slots() >= fewest;
        String fine = driver.workers() + " workers, room for " + driver.slots();
        add("slots", continues ? List.of() : driver.room(), continues ? driver.room() : List.of(), fine);
    }

    private void memory() {
        if (driver.gpus()) {
            checks.add(Check.skipped("memory", "tensors lie on the GPUs: see 'hope plan'"));
            return;
        }
        long each = workerBytes(driver.config(), driver.workers());
        String need = "a worker takes " + Units.bytes((double) each)
                + " outside the Java heap, by formula, with micro-batches of "
                + microBatch(driver.config(), driver.workers()) + " sequences";
        List<String> failures = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        ofExecutors(each, need, failures, warnings);
        ofMachines(each, need, failures);
        add("memory", failures, warnings, need);
    }

    private void ofExecutors(long each, String need, List<String> failures, List<String> warnings) {
        ExecutorMemory limit = driver.memory();
        long together = most(worker -> worker.seen().executor());
        long bytes = each * Math.max(1, together);
        if (!limit.enforced() || bytes <= limit.overheadBytes()) {
            return;
        }
        String sentence = need + (together > 1 ? ", " + together + " of them in an executor" : "")
                + ", where an executor has " + Units.bytes((double) limit.overheadBytes())
                + " (spark.executor.memoryOverhead, or memoryOverheadFactor x heap) beside a heap of "
                + Units.bytes((double) limit.heapBytes())
                + ": raise spark.executor.memoryOverhead (OVERHEAD of cluster/deploy's submit) to "
                + ((bytes * 5 / 4) >> 20)
                + "m, or lower training.micro-batch-sequences";
        if (bytes > limit.totalBytes()) {
            failures.add(sentence);
        } else {
            warnings.add(sentence + "; it fits while the heap is not used");
        }
    }

    private void ofMachines(long each, String need, List<String> failures) {
        Map<String, List<Worker>> hosts = workers.stream()
                .collect(Collectors.groupingBy(w -> w.seen().host(), TreeMap::new, Collectors.toList()));
        hosts.forEach((host, there) -> {
            long has =
                    there.stream().mapToLong(w -> w.facts().memoryBytes()).min().orElse(Long.MAX_VALUE);
            if (each * there.size() > has) {
                failures.add(
                        need + ", and " + there.size() + " run on " + host + ", which has " + Units.bytes((double) has)
                                + " in all: start fewer there, or lower training.micro-batch-sequences");
            }
        });
    }

    private long most(Function<Worker, String> place) {
        return workers.stream().collect(Collectors.groupingBy(place, Collectors.counting())).values().stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
    }

    /** As 'hope plan' computes it, less the moments that other workers hold. */
    static long workerBytes(RunConfig config, int workers) {
        WorkerMemory memory = WorkerMemory.of(config, microBatch(config, workers));
        return config.exchange().shardsOptimizer(workers)
                ? memory.total() - memory.moments() + memory.moments() / workers
                : memory.total();
    }

    private static int microBatch(RunConfig config, int workers) {
        int share = config.training().batchSequences() / Math.max(1, workers);
        return Math.max(1, Math.min(config.training().microBatchSequences(), share));
    }

    private void gpus() {
        List<String> failures = new ArrayList<>(driver.gpuSettings());
        List<String> warnings = new ArrayList<>();
        failures.addAll(grouped(worker -> String.join("; ", worker.seen().missingGpu())));
        failures.addAll(grouped(ClusterFindings::unusable));
        List<Worker> having =
                workers.stream().filter(w -> !w.facts().gpus().isEmpty()).toList();
        if (!driver.gpus() && !having.isEmpty()) {
            warnings.add(having.size() + " of " + workers.size() + " workers are on a machine with GPUs ("
                    + having.get(0).seen().place() + ": "
                    + having.get(0).facts().gpus().get(0)
                    + "), but none asks for one: set spark.executor.resource.gpu.amount and"
                    + " spark.task.resource.gpu.amount to 1 to train on them");
        }
        addAsked("gpu", failures, warnings, driver.gpus() ? "one for each worker" : "none is asked for");
    }

    private static String unusable(Worker worker) {
        String address = worker.seen().gpu();
        if (address.isEmpty() || !worker.facts().natives().isEmpty()) {
            return "";
        }
        try {
            return TaskGpu.number(address) < worker.facts().cudaDevices()
                    ? ""
                    : "Spark gives it GPU " + address + ", but its libtorch can use "
                            + worker.facts().cudaDevices()
                            + " GPUs: set PYTORCH_LIBRARY_PATH, PYTORCH_VERSION and PYTORCH_FLAVOR of spark.executorEnv"
                            + " to a libtorch for CUDA (the last lines of cluster/deploy/spark-defaults.conf)";
        } catch (UserException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private void clocks() {
        List<String> warnings = workers.stream()
                .filter(w -> Math.abs(w.seen().clockAheadMillis()) > CLOCK_MILLIS)
                .map(w -> "the clock of " + w.seen().place() + " is "
                        + Units.digits(Math.abs(w.seen().clockAheadMillis()) * 1e-3)
                        + " s " + (w.seen().clockAheadMillis() > 0 ? "ahead of" : "behind")
                        + " the driver's: synchronise both (NTP), or times in logs and locks mislead")
                .toList();
        addAsked("clock", List.of(), warnings, "within " + CLOCK_MILLIS / 1000 + " s of the driver's");
    }

    private static String java(Worker worker) {
        return worker.facts().java() >= OLDEST_JAVA
                ? ""
                : "runs on Java " + worker.facts().java() + ", where " + OLDEST_JAVA
                        + " is needed: set spark.executorEnv.JAVA_HOME";
    }

    private String javas() {
        return workers.stream()
                .map(w -> w.facts().java())
                .distinct()
                .sorted()
                .map(String::valueOf)
                .collect(Collectors.joining(", "));
    }

    /** A check that workers answer, after the driver. */
    private void asked(String name, List<String> ofDriver, Function<Worker, String> problem, String fine) {
        List<String> failures = new ArrayList<>(ofDriver);
        failures.addAll(grouped(problem));
        addAsked(name, failures, List.of(), fine);
    }

    private void addAsked(String name, List<String> failures, List<String> warnings, String fine) {
        if (workers.isEmpty() && failures.isEmpty()) {
            checks.add(Check.skipped(name, "no worker could be asked"));
        } else {
            add(name, failures, warnings, fine);
        }
    }

    private void add(String name, List<String> failures, List<String> warnings, String fine) {
        failures.forEach(text -> checks.add(Check.failed(name, text)));
        warnings.forEach(text -> checks.add(Check.warning(name, text)));
        if (failures.isEmpty() && warnings.isEmpty()) {
            checks.add(Check.ok(name, fine));
        }
    }

    /** One sentence for all workers with the same problem. */
    private List<String> grouped(Function<Worker, String> problem) {
        Map<String, List<String>> places = new LinkedHashMap<>();
        for (Worker worker : workers) {
            String text = problem.apply(worker);
            if (!text.isEmpty()) {
                places.computeIfAbsent(text, unused -> new ArrayList<>())
                        .add(worker.seen().place());
            }
        }
        return places.entrySet().stream()
                .map(group -> listed(group.getValue()) + ": " + group.getKey())
                .toList();
    }

    private static String listed(List<String> places) {
        String first = places.stream().limit(PLACES).collect(Collectors.joining(", "));
        return places.size() <= PLACES ? first : first + " and " + (places.size() - PLACES) + " others";
    }
}
