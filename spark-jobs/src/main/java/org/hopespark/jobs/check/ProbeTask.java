package org.hopespark.jobs.check;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.hopespark.cluster.Phase;
import org.hopespark.cluster.Tag;
import org.hopespark.cluster.Transport;
import org.hopespark.cluster.spark.WorkerContext;
import org.hopespark.cluster.spark.WorkerFunction;
import org.hopespark.jobs.export.ExportedModel;
import org.hopespark.jobs.progress.Units;
import org.hopespark.jobs.run.Provenance;
import org.hopespark.jobs.run.RunJson;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.Torch;

/**
 * Collects {@link WorkerFacts}. Nothing that is broken ends it, so that all of it is reported.
 *
 * @param data URI of the data set
 * @param dataIdentity of what the driver sees; empty where it sees none, and nobody looks
 * @param run URI of the run's folder
 * @param marker name of the file that the driver has left there; empty where it could not, and nobody looks
 * @param init URI of the model that the run starts from; empty for none
 * @param patience longest waits
 */
record ProbeTask(String data, String dataIdentity, String run, String marker, String init, Patience patience)
        implements WorkerFunction {
    private static final Tag HELLO = new Tag(1, 0, 0, Phase.OPENING, 0);

    @Override
    public String run(WorkerContext context) throws Exception {
        Configuration hadoop = context.hadoop();
        String network = greetNeighbours(context.transport(), patience.neighbours());
        String folder = marker.isEmpty()
                ? ""
                : problem(() -> {
                    SharedFiles.requireShared(new Path(run), marker, context.rank(), hadoop);
                    return "";
                });
        String inputs = problem(() -> {
            if (!dataIdentity.isEmpty()) {
                SharedFiles.dataSet(data, dataIdentity, context.host(), hadoop);
            }
            if (!init.isEmpty()) {
                ExportedModel.open(init, hadoop);
            }
            return "";
        });
        String natives = "";
        int cudaDevices = 0;
        try {
            cudaDevices = Torch.load();
        } catch (RuntimeException | LinkageError e) {
            natives = reason(e);
        }
        return RunJson.MAPPER.writeValueAsString(new WorkerFacts(
                Runtime.version().feature(),
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize(),
                Provenance.gpus(),
                cudaDevices,
                natives,
                network,
                folder,
                inputs));
    }

    private String problem(Callable<String> look) {
        try {
            return new Bounded(patience.files()).call(look);
        } catch (Exception e) {
            return reason(e);
        }
    }

    /** The sentence of an error that was thrown to be read, or what began all. */
    static String reason(Throwable error) {
        Throwable first = error;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        String last = first.getMessage() == null ? first.toString() : first.getMessage();
        String own = error.getMessage() == null ? "" : error.getMessage();
        return own.isEmpty() || own.contains(last) ? (own.isEmpty() ? last : own) : own + ": " + last;
    }

    /**
     * Connects to the next rank and waits for the one before, as the ring of a run does.
     *
     * @return why the next one cannot be reached; empty where it can
     */
    static String greetNeighbours(Transport transport, Duration longest) throws InterruptedException {
        int ranks = transport.ranks();
        if (ranks == 1) {
            return "";
        }
        int next = (transport.rank() + 1) % ranks;
        FlatBuffer hello = FlatBuffer.allocate(ElementType.FLOAT32, 1);
        CompletableFuture<Void> heard = transport.receive(
                (transport.rank() + ranks - 1) % ranks, HELLO, FlatBuffer.allocate(ElementType.FLOAT32, 1));
        // connecting waits
        CompletableFuture<Void> pushed = CompletableFuture.runAsync(
                () -> transport.push(next, HELLO, hello).join());
        String problem = await(pushed, longest);
        // who leaves at once is not there for a slower neighbour; where that one cannot connect it says so itself
        await(heard, longest);
        return problem.isEmpty()
                ? ""
                : "cannot connect to rank " + next + " at " + transport.address(next) + ": " + problem
                        + "; open all ports between the hosts of executors: workers listen at any free one";
    }

    private static String await(CompletableFuture<Void> done, Duration longest) throws InterruptedException {
        try {
            done.get(longest.toMillis(), TimeUnit.MILLISECONDS);
            return "";
        } catch (TimeoutException e) {
            return "no connection within " + Units.duration(longest.toMillis() * 1e-3);
        } catch (ExecutionException e) {
            return reason(e.getCause() == null ? e : e.getCause());
        }
    }
}
