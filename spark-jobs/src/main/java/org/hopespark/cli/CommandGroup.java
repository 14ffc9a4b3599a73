package org.hopespark.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Commands on one thing; on its own it prints what there is. */
@Command(mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND")
final class CommandGroup implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** A group of commands. */
    static CommandLine of(String name, String description, Object... commands) {
        CommandLine group = new CommandLine(new CommandGroup());
        group.getCommandSpec().name(name).usageMessage().description(description);
        for (Object command : commands) {
            group.addSubcommand(command);
        }
        return group;
    }

    @Override
    public Integer call() {
        CommandLine group = spec.commandLine();
        group.usage(group.getOut());
        return 0;
    }
}
