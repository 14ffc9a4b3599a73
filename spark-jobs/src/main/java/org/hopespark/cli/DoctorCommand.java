package org.hopespark.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.hopespark.jobs.check.MachineCheck;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code doctor}: exit code 1 if something is missing. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Says whether this machine has what the commands need: Java, processor, memory, disk, libtorch,"
                + " network, file system. Takes seconds and starts no cluster; 'check cluster' looks at one.")
final class DoctorCommand implements Callable<Integer> {
    @Option(names = "--json", paramLabel = "FILE", description = "Writes the same as JSON, too.")
    private String json = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        String scratch = System.getenv().getOrDefault("TMPDIR", System.getProperty("java.io.tmpdir"));
        MachineCheck machine = new MachineCheck(Path.of("").toAbsolutePath(), Path.of(scratch), SparkSessions.hadoop());
        return new CheckList(machine.all(), "this machine is ready", "some commands cannot work here")
                .print(spec.commandLine().getOut(), json);
    }
}
