package org.hopespark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The names of commands. */
final class MainTest {
    @ParameterizedTest
    @CsvSource({
        "corpus --config a.yaml, corpus build",
        "corpus build --config a.yaml, corpus build",
        "corpus plan --config a.yaml --total 1TB, corpus plan",
        "plan-corpus --config a.yaml --total 1TB, corpus plan",
        "train-tokenizer --vocabulary-size 300 --output t, tokenizer train",
        "prepare --input a --output b, data prepare",
        "verify-shards data, data verify",
        "repair-shards data, data repair",
        "stats-shards data, data stats",
        "sample-shards data, data sample",
        "diff-shards data other, data diff",
        "report runs/a, run report",
        "checkpoints list --run a, run checkpoints list",
        "health runs/a, run health",
        "verify-sync --workers 2, check sync",
        "chaos --kills 1, check chaos",
        "pretrain --data a --run b --config quickstart, pretrain"
    })
    void commandsAreFoundByTheirNamesAndByFormerOnes(String line, String command) {
        CommandLine.ParseResult parsed = Main.commandLine().parseArgs(FormerNames.replace(line.split(" ")));
        while (parsed.hasSubcommand()) {
            parsed = parsed.subcommand();
        }
        assertThat(parsed.commandSpec().qualifiedName()).isEqualTo("hope " + command);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "data",
                "corpus",
                "run",
                "check",
                "tokenizer",
                "help",
                "data --help",
                "help data",
                "corpus --help"
            })
    void groupsSayWhatThereIs(String line) {
        StringWriter out = new StringWriter();
        CommandLine root = Main.commandLine().setOut(new PrintWriter(out));
        assertThat(root.execute(FormerNames.replace(line.isEmpty() ? new String[0] : line.split(" "))))
                .isZero();
        assertThat(out.toString()).contains("Usage: hope", "Commands:");
    }

    @Test
    void aCommandThatIsNotThereIsAUserError() {
        StringWriter err = new StringWriter();
        assertThat(Main.commandLine().setErr(new PrintWriter(err)).execute("data", "verfy"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("verify");
    }
}
