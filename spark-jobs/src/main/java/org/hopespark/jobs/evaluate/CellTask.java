package org.hopespark.jobs.evaluate;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.broadcast.Broadcast;
import org.hopespark.conf.UserException;
import org.hopespark.model.eval.TaskResult;

/**
 * What an executor does for a cell: put the task's files on the local disk, run, report.
 *
 * @param cell what to run
 * @param runner how
 * @param files what the task reads
 */
record CellTask(Cell cell, CellRunner runner, List<ShippedFile> files) implements Serializable {
    CellTask {
        files = List.copyOf(files);
    }

    /**
     * A file that travels to executors, which need not share a disk with the driver.
     *
     * @param name its name
     * @param content its bytes
     */
    record ShippedFile(String name, Broadcast<byte[]> content) implements Serializable {}

    /**
     * What came of it.
     *
     * @param results the rows
     * @param failure what went wrong, empty if all went well
     * @param isWorthAnotherTry whether the failure may pass by itself
     * @param seconds how long it took
     */
    record Outcome(List<TaskResult> results, String failure, boolean isWorthAnotherTry, double seconds)
            implements Serializable {
        /** The user must mend something. */
        static Outcome refused(String why) {
            return new Outcome(List.of(), why, false, 0);
        }

        /** The world failed. */
        static Outcome failed(String why) {
            return new Outcome(List.of(), why, true, 0);
        }
    }

    Outcome run() throws Exception {
        long started = System.nanoTime();
        Path folder = Files.createTempDirectory("hope-task-");
        try {
            for (ShippedFile file : files) {
                Files.write(folder.resolve(file.name()), file.content().value());
            }
            List<TaskResult> results = runner.run(cell.withTaskData(folder.toString()));
            return new Outcome(results, "", false, (System.nanoTime() - started) * 1e-9);
        } catch (UserException e) {
            String message = Optional.ofNullable(e.getMessage()).orElse(e.toString());
            return Outcome.refused(message.replace(folder + "/", ""));
        } finally {
            delete(folder);
        }
    }

    private void delete(Path folder) throws IOException {
        for (ShippedFile file : files) {
            Files.deleteIfExists(folder.resolve(file.name()));
        }
        Files.deleteIfExists(folder);
    }
}
