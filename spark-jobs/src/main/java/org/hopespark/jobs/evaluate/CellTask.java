package org.hopespark.jobs.evaluate;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.broadcast.Broadcast;
import org.hopespark.conf.ConfigException;
import org.hopespark.model.eval.TaskResult;

/**
 * What an executor does for a cell: put the task's file on the local disk, run, report.
 *
 * @param cell what to run
 * @param runner how
 * @param file the task's file, nameless for {@code validation}
 */
record CellTask(Cell cell, CellRunner runner, ShippedFile file) implements Serializable {
    /**
     * A file that travels to executors, which need not share a disk with the driver.
     *
     * @param name its name, empty for no file
     * @param content its bytes
     */
    record ShippedFile(String name, Broadcast<byte[]> content) implements Serializable {}

    /**
     * What came of it.
     *
     * @param results the rows
     * @param failure what the user must mend, empty if all went well
     * @param seconds how long it took
     */
    record Outcome(List<TaskResult> results, String failure, double seconds) implements Serializable {
        static Outcome failed(String why) {
            return new Outcome(List.of(), why, 0);
        }
    }

    Outcome run() throws Exception {
        long started = System.nanoTime();
        Path folder = Files.createTempDirectory("hope-task-");
        try {
            Path local = folder.resolve(file.name());
            if (!file.name().isEmpty()) {
                Files.write(local, file.content().value());
            }
            List<TaskResult> results = runner.run(cell.withTaskData(folder.toString()));
            return new Outcome(results, "", (System.nanoTime() - started) * 1e-9);
        } catch (ConfigException e) {
            String message = Optional.ofNullable(e.getMessage()).orElse(e.toString());
            return Outcome.failed(message.replace(folder + "/", ""));
        } finally {
            delete(folder);
        }
    }

    private void delete(Path folder) throws IOException {
        if (!file.name().isEmpty()) {
            Files.deleteIfExists(folder.resolve(file.name()));
        }
        Files.deleteIfExists(folder);
    }
}
