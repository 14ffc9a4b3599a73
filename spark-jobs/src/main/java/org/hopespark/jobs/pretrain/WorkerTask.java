package org.hopespark.jobs.pretrain;

import org.hopespark.cluster.spark.Seat;
import org.hopespark.cluster.spark.WorkerFunction;

/**
 * What travels to every executor: plain values, from which the worker assembles itself.
 *
 * @param config the resolved configuration as YAML
 * @param data URI of the data set
 * @param dataIdentity SHA-256 of its manifest, which the worker checks
 * @param run URI of the run's folder
 * @param checkpoint to go on from; empty for the start
 */
record WorkerTask(String config, String data, String dataIdentity, String run, String checkpoint)
        implements WorkerFunction {

    @Override
    public String run(Seat seat) throws Exception {
        seat.report(WorkerMessages.worker(seat));
        try (WorkerAssembly worker = new WorkerAssembly(this, seat)) {
            worker.train();
            return worker.summary();
        }
    }
}
