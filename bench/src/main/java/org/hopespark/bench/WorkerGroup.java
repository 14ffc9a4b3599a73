package org.hopespark.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.hopespark.bench.StepWorker.Meeting;
import org.hopespark.bench.StepWorker.Spec;
import org.hopespark.cluster.GenerationKey;
import org.hopespark.cluster.Member;
import org.hopespark.conf.RunConfig;

/** Processes that train together, each a {@link StepWorker}, at one site. */
final class WorkerGroup implements AutoCloseable {
    /** Code is compiled, and TCP knows its link. */
    private static final long WARM_UP_STEPS = 4;

    private final List<Talk> talks = new ArrayList<>();

    private WorkerGroup() {}

    /**
     * Trains.
     *
     * @param steps to measure, after some that are not
     * @return what the workers saw, by rank
     * @throws IOException with what a worker said last, if it ends without figures
     */
    static List<StepFigures> train(Site site, Link link, int workers, Meeting meeting, long steps, RunConfig config)
            throws IOException, InterruptedException {
        try (WorkerGroup group = new WorkerGroup()) {
            return group.run(site, link, workers, meeting, steps, config);
        }
    }

    private List<StepFigures> run(Site site, Link link, int workers, Meeting meeting, long steps, RunConfig config)
            throws IOException, InterruptedException {
        String token = UUID.randomUUID().toString();
        String key = GenerationKey.random().encode();
        List<Talk> all = new ArrayList<>();
        for (int rank = 0; rank < workers; rank++) {
            Talk talk = start("worker " + rank, site.worker(rank), StepWorker.class, List.of());
            talk.tell(new Spec(
                    token, key, rank, workers, site.host(rank), meeting, WARM_UP_STEPS, steps, config.print()));
            all.add(talk);
        }
        List<Member> members = new ArrayList<>();
        for (Talk worker : all) {
            members.add(StepWorker.MAPPER.readValue(worker.hear(StepWorker.LISTENS), Member.class));
        }
        if (link.delayMillis() > 0) {
            Talk relay = start(
                    "the relay",
                    site.router(),
                    DelayingRelay.class,
                    List.of(site.routerHost(), Integer.toString(link.delayMillis())));
            relay.tell(members);
            members = List.of(StepWorker.MAPPER.readValue(relay.hear(StepWorker.LISTENS), Member[].class));
        }
        for (Talk worker : all) {
            worker.tell(members);
        }
        List<StepFigures> figures = new ArrayList<>();
        for (Talk worker : all) {
            figures.add(StepWorker.MAPPER.readValue(worker.hear(StepWorker.FIGURES), StepFigures.class));
        }
        return figures;
    }

    private Talk start(String name, List<String> prefix, Class<?> main, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx600m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("OMP_NUM_THREADS", "1");
        Talk talk = new Talk(name, builder.start());
        talks.add(talk);
        return talk;
    }

    /** Ends what is still alive, and waits for that. */
    @Override
    public void close() {
        talks.forEach(talk -> talk.process.destroyForcibly());
        talks.forEach(talk -> talk.process.onExit().join());
    }

    /** A process, spoken to line by line. */
    private record Talk(String name, Process process, BufferedReader says, Writer hears) {
        Talk(String name, Process process) {
            this(
                    name,
                    process,
                    process.inputReader(StandardCharsets.UTF_8),
                    process.outputWriter(StandardCharsets.UTF_8));
        }

        void tell(Object value) throws IOException {
            hears.write(StepWorker.MAPPER.writeValueAsString(value) + "\n");
            hears.flush();
        }

        /** What comes after a mark. */
        String hear(String mark) throws IOException, InterruptedException {
            String last = "";
            try {
                for (String line = says.readLine(); line != null; line = says.readLine()) {
                    if (line.startsWith(mark)) {
                        return line.substring(mark.length());
                    }
                    last = line.startsWith("\t") ? last : line;
                }
            } catch (UncheckedIOException gone) {
                last = String.valueOf(gone.getMessage());
            }
            throw new IOException(name + " ended with " + process.waitFor() + ": " + last);
        }
    }
}
