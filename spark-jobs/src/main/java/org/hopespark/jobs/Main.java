package org.hopespark.jobs;

import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.ConfigException;
import org.hopespark.data.CorruptInputException;
import org.hopespark.data.CorruptShardException;
import org.hopespark.jobs.evaluate.EvaluateCommand;
import org.hopespark.jobs.evaluate.HopeCellRunner;
import org.hopespark.jobs.prepare.PrepareCommand;
import org.hopespark.jobs.prepare.VerifyShardsCommand;
import org.hopespark.jobs.pretrain.PretrainCommand;
import org.hopespark.jobs.quickstart.QuickstartCommand;
import org.hopespark.jobs.report.ReportCommand;
import org.hopespark.jobs.verify.VerifySyncCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParseResult;

/** The {@code hope} command. Exit codes: 0 done, 1 failed, 2 something the user can put right. */
@Command(
        name = "hope",
        mixinStandardHelpOptions = true,
        version = "hope-on-spark 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        description = "Pretrains Hope, the model of Nested Learning, on Apache Spark.")
public final class Main {
    private static final Logger LOG = LogManager.getLogger(Main.class);
    private static final int FAILED = 1;
    private static final int USER_ERROR = 2;

    private Main() {}

    public static void main(String[] arguments) {
        int exit = commandLine().execute(arguments);
        // an embedded cluster that is not stopped starts executors anew while the JVM ends
        if (!SparkSession.getDefaultSession().isEmpty()) {
            SparkSession.getDefaultSession().get().stop();
        }
        System.exit(exit);
    }

    static CommandLine commandLine() {
        CommandLine root = new CommandLine(new Main());
        commands().forEach(root::addSubcommand);
        return root.setExecutionExceptionHandler(Main::failed);
    }

    private static List<Object> commands() {
        return List.of(
                new QuickstartCommand(),
                new PrepareCommand(),
                new VerifyShardsCommand(),
                new PretrainCommand(),
                new EvaluateCommand(() -> SparkSessions.ordinary("hope evaluate"), new HopeCellRunner()),
                new ReportCommand(),
                new VerifySyncCommand());
    }

    private static int failed(Exception e, CommandLine command, ParseResult arguments) {
        boolean users = e instanceof ConfigException
                || e instanceof CorruptInputException
                || e instanceof CorruptShardException;
        command.getErr().println("hope " + command.getCommandName() + ": " + (users ? e.getMessage() : e));
        if (!users) {
            LOG.error("{} failed", command.getCommandName(), e);
        }
        return users ? USER_ERROR : FAILED;
    }
}
