package org.hopespark.jobs.check;

import java.util.List;
import org.hopespark.conf.RunConfig;

/**
 * What the driver knows before it asks the executors; a list of problems is empty where there is none.
 *
 * @param config of the run
 * @param workers that the run asks for
 * @param slots for which there is room
 * @param allocation what is wrong with how executors are asked for
 * @param room why there is too little room for the workers, and what the settings do not give them
 * @param protection what is wrong with how the exchange is protected
 * @param protectionWarnings what may be
 * @param memory of an executor, by the settings of Spark
 * @param gpus whether each worker asks Spark for a GPU
 * @param gpuSettings what is wrong with how it does
 * @param run what is wrong with the run's folder
 * @param data what is wrong with the data set
 */
record DriverFacts(
        RunConfig config,
        int workers,
        int slots,
        List<String> allocation,
        List<String> room,
        List<String> protection,
        List<String> protectionWarnings,
        ExecutorMemory memory,
        boolean gpus,
        List<String> gpuSettings,
        List<String> run,
        List<String> data) {
    DriverFacts {
        allocation = List.copyOf(allocation);
        room = List.copyOf(room);
        protection = List.copyOf(protection);
        protectionWarnings = List.copyOf(protectionWarnings);
        gpuSettings = List.copyOf(gpuSettings);
        run = List.copyOf(run);
        data = List.copyOf(data);
    }

    /** With what was found of the run's folder. */
    DriverFacts withRun(List<String> problems) {
        return new DriverFacts(
                config,
                workers,
                slots,
                allocation,
                room,
                protection,
                protectionWarnings,
                memory,
                gpus,
                gpuSettings,
                problems,
                data);
    }
}
