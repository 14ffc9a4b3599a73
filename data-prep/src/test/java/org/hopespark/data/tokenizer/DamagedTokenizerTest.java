package org.hopespark.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The native libraries end the process where they find what they do not expect. */
final class DamagedTokenizerTest {
    private static final int FILES = 2000;

    @TempDir
    private Path folder;

    @Tag("slow")
    @Test
    void noDamagedTokenizerEndsTheProcess() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + folder.resolve("crash.log"),
                "-cp",
                System.getProperty("java.class.path"),
                DamagedTokenizers.class.getName(),
                folder.toString(),
                "0",
                Integer.toString(FILES)));
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(10, TimeUnit.MINUTES))
                    .as("no end after file %s", folder.resolve("number"))
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue())
                .as(() -> "file " + read(folder.resolve("number")) + ": " + read(log))
                .isZero();
    }

    private static String read(Path file) {
        try {
            String text = Files.readString(file);
            return text.substring(0, Math.min(text.length(), 4000));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
