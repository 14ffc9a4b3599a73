package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the sources of this module must not use, because it makes gradients wrong without a word. */
final class SourceRulesTest {
    private static final Path SOURCES = Path.of("src/main/java");
    private static final Path CLASSES = Path.of("target/classes");

    @Test
    void onlyTorchKnowsTheEnginesInternals() throws IOException {
        assertThat(filesWith(SOURCES, ".java", "ai.djl.pytorch.jni")).containsExactly("Torch.java");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // global to the process
                "GradientCollector",
                // leak, and clip on one side only
                "ai.djl.training",
                // cut the graph
                ".duplicate(",
                ".toType("
            })
    void sourcesUseNothingThatLosesGradients(String forbidden) throws IOException {
        assertThat(filesWith(SOURCES, ".java", forbidden)).isEmpty();
    }

    /**
     * Operations with a Number free memory that backward still reads. Their descriptor shows in every class that calls
     * one.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {"(Ljava/lang/Number;)Lai/djl/ndarray/NDArray;", "(Lai/djl/ndarray/NDArray;Ljava/lang/Number;)"})
    void noClassCallsAnOperationWithANumber(String descriptor) throws IOException {
        assertThat(filesWith(CLASSES, ".class", "Lai/djl/ndarray/NDArray;")).contains("Network.class");
        assertThat(filesWith(CLASSES, ".class", descriptor)).isEmpty();
    }

    private static List<String> filesWith(Path folder, String ending, String text) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .filter(file -> read(file).contains(text))
                    .map(file -> file.getFileName().toString())
                    .toList();
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
