package org.hopespark.cli;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** All commands as a page of Markdown: what {@code --help} says of each. */
final class CliReference {
    private final StringBuilder text = new StringBuilder();

    private CliReference() {}

    /** The page, with the commands below {@code root} in their order; hidden ones are left out. */
    static String page(CommandLine root) {
        CliReference page = new CliReference();
        page.text.append("""
                # Commands

                Every command of `./hope`, generated from the code (`./hope config --commands`). `./hope COMMAND --help` says the same in a terminal. All have
                `-h`, `--help` and `-V`, `--version`.
                """);
        page.exitStatus(root.getCommandSpec().usageMessage());
        page.addAll(root);
        return page.text.toString();
    }

    private void addAll(CommandLine parent) {
        parent.getSubcommands().values().stream()
                .distinct() // aliases are listed, too
                .filter(command -> !command.getCommandSpec().usageMessage().hidden())
                .filter(command -> !command.getCommandSpec().helpCommand())
                .forEach(command -> {
                    add(command);
                    addAll(command);
                });
    }

    private void add(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        UsageMessageSpec usage = spec.usageMessage();
        String name = spec.qualifiedName();
        text.append("\n## `").append(name.substring(name.indexOf(' ') + 1)).append("`\n");
        paragraphs(usage.header());
        paragraphs(usage.description());
        text.append("\n```\n").append(command.getHelp().synopsis(0)).append("```\n");
        List<ArgSpec> arguments = Stream.concat(spec.positionalParameters().stream(), spec.options().stream())
                .filter(each -> !each.hidden() && !(each instanceof OptionSpec option && isStandard(option)))
                .toList();
        if (!arguments.isEmpty()) {
            text.append("\n| argument | meaning |\n|---|---|\n");
            arguments.forEach(each -> text.append("| ")
                    .append(names(each, command.getHelp()))
                    .append(" | ")
                    .append(escaped(String.join(" ", each.description())))
                    .append(" |\n"));
        }
        exitStatus(usage);
        paragraphs(usage.footer());
    }

    private static boolean isStandard(OptionSpec option) {
        return option.usageHelp() || option.versionHelp();
    }

    private static String names(ArgSpec argument, Help help) {
        String value = help.parameterLabelRenderer()
                .renderParameterLabel(argument, Ansi.OFF, List.of())
                .toString();
        Stream<String> names = argument instanceof OptionSpec option ? Arrays.stream(option.names()) : Stream.of("");
        return names.map(name -> "`" + (name + value).replace("|", "\\|") + "`").collect(Collectors.joining(", "))
                + (argument.isOption() && argument.required() ? " (required)" : "");
    }

    private void exitStatus(UsageMessageSpec usage) {
        if (!usage.exitCodeList().isEmpty()) {
            text.append("\n| exit status | |\n|---|---|\n");
            usage.exitCodeList()
                    .forEach((code, meaning) -> text.append("| ")
                            .append(code)
                            .append(" | ")
                            .append(escaped(meaning))
                            .append(" |\n"));
        }
    }

    /** Lines of a usage message; indented ones are an example. */
    private void paragraphs(String... lines) {
        boolean example = false;
        boolean first = true;
        for (String line : lines) {
            boolean indented = line.startsWith("  ");
            if (indented != example) {
                text.append(example ? "```\n" : "\n```\n");
            }
            example = indented;
            if (line.isBlank()) {
                first = true;
            } else if (indented) {
                text.append(line.substring(2)).append('\n');
            } else {
                text.append(first ? "\n" : "").append(escaped(line)).append('\n');
                first = false;
            }
        }
        if (example) {
            text.append("```\n");
        }
    }

    /** Text without a meaning in Markdown or HTML. */
    private static String escaped(String text) {
        return text.strip().replaceAll("[\\\\`*_<>\\[\\]|]", "\\\\$0");
    }
}
