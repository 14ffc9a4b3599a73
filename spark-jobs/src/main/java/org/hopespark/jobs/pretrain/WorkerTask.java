package org.hopespark.jobs.pretrain;

import java.util.List;
import java.util.function.BiFunction;
import org.hopespark.cluster.spark.WorkerContext;
import org.hopespark.cluster.spark.WorkerFunction;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.BoundarySync;
import org.hopespark.model.Network;
import org.hopespark.model.eval.TaskRequests;

/**
 * What travels to every executor: plain values, from which the worker assembles itself.
 *
 * @param config the resolved configuration as YAML
 * @param data URI of the data set
 * @param dataIdentity SHA-256 of its manifest, which the worker checks
 * @param dataOrder version of the order in which it is read
 * @param run URI of the run's folder
 * @param questions of all workers together, asked while the run trains
 * @param checkpoint to resume from; empty for the start
 */
record WorkerTask(
        String config,
        String data,
        String dataIdentity,
        int dataOrder,
        String run,
        List<TaskRequests> questions,
        String checkpoint)
        implements WorkerFunction {
    WorkerTask {
        questions = List.copyOf(questions);
    }

    @Override
    public String configuration() {
        return RunConfig.parse("the run's configuration", config).print();
    }

    /** The same from another checkpoint. */
    WorkerTask from(String location) {
        return new WorkerTask(config, data, dataIdentity, dataOrder, run, questions, location);
    }

    @Override
    public String run(WorkerContext context) throws Exception {
        return run(context, (network, sync) -> sync);
    }

    /** Runs with something put around the worker's synchroniser. */
    String run(WorkerContext context, BiFunction<Network, BoundarySync, BoundarySync> around) throws Exception {
        context.report(WorkerMessage.Joined.of(context).write());
        try (WorkerAssembly worker = new WorkerAssembly(this, context)) {
            worker.train(around);
            return worker.summary();
        }
    }
}
