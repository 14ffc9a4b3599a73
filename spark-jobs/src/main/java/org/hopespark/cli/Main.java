package org.hopespark.cli;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.spark.SparkUserAppException;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cluster.CheckpointFailedException;
import org.hopespark.cluster.spark.AttemptEnd;
import org.hopespark.cluster.spark.AttemptFailedException;
import org.hopespark.cluster.spark.DriverExit;
import org.hopespark.conf.UserException;
import org.hopespark.data.shard.CorruptShardException;
import org.hopespark.data.source.CorruptInputException;
import org.hopespark.files.ScratchFolder;
import org.hopespark.jobs.evaluate.HopeCellRunner;
import org.hopespark.jobs.run.Provenance;
import org.hopespark.jobs.spark.SparkBuild;
import org.hopespark.jobs.spark.SparkSessions;
import org.hopespark.model.DivergedException;
import org.hopespark.model.ReplicaMismatchException;
import org.hopespark.text.Console;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code hope} command. */
@Command(
        name = "hope",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Pretrains Hope, the model of Nested Learning, on Apache Spark.",
        footer = {"", "'hope help COMMAND' or 'hope COMMAND --help' explains one, 'hope GROUP' lists those of a group."
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:user error: an argument, a setting, a file",
            "143:stopped by SIGTERM or Ctrl-C, after saving"
        })
public final class Main {
    /** What a shell gives for a command that SIGTERM has ended. */
    private static final int STOPPED = 143;

    private static final String NO_SPACE = "No space left on device";

    private static final Logger LOG = LogManager.getLogger(Main.class);

    private Main() {}

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {Provenance.product()};
        }
    }

    public static void main(String[] arguments) throws SparkUserAppException {
        Console.install();
        Optional<String> wrongSpark = SparkBuild.problem();
        if (wrongSpark.isPresent()) {
            System.err.println("hope: " + wrongSpark.get());
            System.exit(ExitCode.USAGE);
        }
        ScratchFolder.takeNativeLibraries();
        int exitCode = commandLine().execute(FormerNames.replace(arguments));
        // an embedded cluster that is not stopped starts new executors while the JVM ends
        if (!SparkSession.getDefaultSession().isEmpty()) {
            // YARN's application master, which is on its own where the driver is not in it, ends with the same code
            SparkSession.getDefaultSession().get().sparkContext().stop(exitCode);
        }
        if (exitCode != ExitCode.OK) {
            throw DriverExit.with(exitCode);
        }
    }

    /** The command with all its subcommands. */
    public static CommandLine commandLine() {
        CommandLine root = new CommandLine(new Main());
        commands().forEach(root::addSubcommand);
        ServiceLoader.load(Subcommand.class).forEach(root::addSubcommand);
        return root.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF)) // escapes would be shown, not obeyed
                .setExecutionStrategy(Main::run)
                .setParameterExceptionHandler(Main::refused)
                .setExecutionExceptionHandler(Main::failed);
    }

    private static List<Object> commands() {
        return List.of(
                new QuickstartCommand(),
                CommandGroup.of(
                        "corpus",
                        "From collected documents to those worth training on.",
                        new CorpusCommand(),
                        new PlanCorpusCommand()),
                CommandGroup.of("tokenizer", "Tokenizers of one's own.", new TrainTokenizerCommand()),
                CommandGroup.of(
                        "data",
                        "Data sets: packed token ids that any number of workers trains on.",
                        new PrepareCommand(),
                        new VerifyShardsCommand(),
                        new RepairShardsCommand(),
                        new StatsShardsCommand(),
                        new SampleShardsCommand(),
                        new DiffShardsCommand()),
                new PretrainCommand(),
                new PlanCommand(),
                new EvaluateCommand(SparkSessions::ordinary, new HopeCellRunner()),
                new TrainAndScoreCommand(SparkSessions::ordinary),
                new ContinualCommand(SparkSessions::ordinary),
                new GenerateCommand(),
                new ExportCommand(),
                new ImportCommand(),
                CommandGroup.of(
                        "run",
                        "What a pretraining run has left: its page, its checkpoints, its health.",
                        new RunListCommand(),
                        new ReportCommand(),
                        new CheckpointsCommand(),
                        new HealthCommand()),
                CommandGroup.of(
                        "check",
                        "Whether a cluster can run what it shall, and whether this build keeps its promises.",
                        new CheckClusterCommand(),
                        new VerifySyncCommand(),
                        new ChaosCommand()),
                new DoctorCommand(),
                new ConfigCommand(),
                new HelpCommand(),
                new CommandLine(new AutoComplete.GenerateCompletion()).setCommandName("completion"));
    }

    private static int run(ParseResult parsed) {
        if (parsed.hasSubcommand()) {
            return new CommandLine.RunLast().execute(parsed);
        }
        Integer helped = CommandLine.executeHelpRequest(parsed);
        if (helped == null) {
            CommandLine root = parsed.commandSpec().commandLine();
            root.usage(root.getOut());
        }
        return ExitCode.OK;
    }

    private static int refused(ParameterException e, String... arguments) {
        CommandLine command = e.getCommandLine();
        command.getErr().println("hope: " + e.getMessage());
        if (!UnmatchedArgumentException.printSuggestions(e, command.getErr())) {
            command.getErr().println("see " + command.getCommandSpec().qualifiedName() + " --help");
        }
        return ExitCode.USAGE;
    }

    private static int failed(Exception e, CommandLine command, ParseResult arguments) {
        Optional<String> mistake = mistake(e);
        String words = mistake.orElse(isToldInWords(e) ? String.valueOf(e.getMessage()) : e.toString());
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + words);
        if (mistake.isPresent()) {
            return ExitCode.USAGE;
        }
        if (e instanceof AttemptFailedException failed && failed.end().kind() == AttemptEnd.Kind.STOP) {
            return STOPPED;
        }
        LOG.log(isToldInWords(e) ? Level.DEBUG : Level.ERROR, "{} failed", command.getCommandName(), e);
        return ExitCode.SOFTWARE;
    }

    /** Whose message says where, why and what to do, so that a stack trace would only hide it. */
    private static boolean isToldInWords(Exception e) {
        return e instanceof AttemptFailedException
                || e instanceof CheckpointFailedException
                || e instanceof DivergedException
                || e instanceof ReplicaMismatchException;
    }

    /** What the user can put right; found in a task, it comes wrapped in what Spark says about the task. */
    private static Optional<String> mistake(Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UserException
                    || cause instanceof CorruptInputException
                    || cause instanceof CorruptShardException) {
                return Optional.of(String.valueOf(cause.getMessage()));
            }
            if (String.valueOf(cause.getMessage()).contains(NO_SPACE)) {
                return Optional.of(NO_SPACE + ": make room on the disks of the output and of spark.local.dir, then give"
                        + " the same command again; what was finished before is intact");
            }
        }
        return Optional.empty();
    }
}
