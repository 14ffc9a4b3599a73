package org.hopespark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.hopespark.cli.Main;
import org.junit.jupiter.api.Test;

/** The page of all commands; here, because this module adds the last of them. */
final class CliReferenceTest {
    @Test
    void thePageOfTheDocumentationIsUpToDate() throws IOException {
        StringWriter out = new StringWriter();
        assertThat(Main.commandLine().setOut(new PrintWriter(out)).execute("config", "--commands"))
                .isZero();
        assertThat(Files.readString(Path.of("../docs/reference/cli.md")))
                .as("renew it with ./hope config --commands > docs/reference/cli.md")
                .isEqualTo(out.toString());
    }
}
