package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The archive for others, loaded as others do: without this program's parameters or classes. */
final class ExportTest {
    static Stream<String> settings() {
        return Stream.concat(
                Stream.of(
                        "model.mixer=titans",
                        "model.mixer=attention",
                        "model.continuum=independent",
                        "model.continuum=nested",
                        "model.activation=gelu",
                        "model.memory.main-chunk-tokens=8",
                        "model.memory.depth=1",
                        "model.memory.retention=false",
                        Ingredients.HEAD_OF_ITS_OWN),
                Ingredients.patterns().stream());
    }

    @ParameterizedTest
    @MethodSource("settings")
    void theArchiveComputesTheLogitsOfTheNetwork(String setting) throws IOException {
        RunConfig config = Tiny.config(setting);
        for (ElementType type : List.of(ElementType.FLOAT32, ElementType.FLOAT64)) {
            try (Network network = new Network(config, type, -1)) {
                Tiny.train(config, network, 3);
                byte[] archive = export(network);
                try (Torch exported = new Torch(Device.cpu(), archive)) {
                    // chunks of 4: one token, a part of one, whole ones, whole ones and a part
                    for (int tokens : new int[] {1, 3, 8, 21}) {
                        int[] ids = new Random(tokens)
                                .ints(tokens, 0, Tiny.VOCABULARY)
                                .toArray();
                        assertThat(logits(exported, ids))
                                .as("%s, %d tokens", type, tokens)
                                .containsExactly(
                                        network.inference().logits(ids),
                                        within(type == ElementType.FLOAT32 ? 1e-6 : 0));
                    }
                }
            }
        }
    }

    @Test
    void sequencesOfABatchAreOnTheirOwn() throws IOException {
        try (Network network = Tiny.shaken(Tiny.config());
                Torch exported = new Torch(Device.cpu(), export(network))) {
            int[] first = new Random(1).ints(10, 0, Tiny.VOCABULARY).toArray();
            int[] second = new Random(2).ints(10, 0, Tiny.VOCABULARY).toArray();
            double[] both = logits(exported, first, second);
            int half = both.length / 2;
            assertThat(Arrays.copyOf(both, half))
                    .containsExactly(network.inference().logits(first), within(1e-12));
            assertThat(Arrays.copyOfRange(both, half, 2 * half))
                    .containsExactly(network.inference().logits(second), within(1e-12));
        }
    }

    @Test
    void tensorsLieAtMultiplesOf64BytesAndEqualNetworksGiveEqualFiles() throws IOException {
        try (Network network = new Network(Tiny.config())) {
            byte[] archive = export(network);
            assertThat(export(network)).isEqualTo(archive);
            int entries = 0;
            try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
                for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                    if (entry.getName().startsWith("hope/data/")) {
                        entries++;
                        byte[] content = zip.readAllBytes();
                        assertThat(indexOf(archive, content) % 64)
                                .as(entry.getName())
                                .isZero();
                    }
                }
            }
            assertThat(entries).isEqualTo(network.levels().parameters().size());
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void anUntrainedArchiveIsThatOfTheStartWithoutWhatIsLeftToDraw(String setting) throws IOException {
        RunConfig config = Tiny.config(setting);
        try (Network network = new Network(config, ElementType.FLOAT32, -1)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Map<String, Double> deviations =
                    TorchScriptArchive.exportUntrained(network.architecture(), config.seed(), out);
            assertThat(deviations).containsKey("embedding").doesNotContainKey("norm");
            for (NamedTensor tensor : network.levels().parameters()) {
                Double deviation = deviations.get(tensor.name());
                if (deviation != null) {
                    long elements = tensor.data().elements();
                    double squares = LongStream.range(0, elements)
                            .mapToDouble(i -> Math.pow(tensor.data().get(i), 2))
                            .sum();
                    // the deviation of a sample's is 1 / sqrt(2 n)
                    assertThat(Math.sqrt(squares / elements) / deviation)
                            .as(tensor.name())
                            .isCloseTo(1, within(4 / Math.sqrt(2.0 * elements)));
                    tensor.data().clear();
                }
            }
            assertThat(out.toByteArray()).isEqualTo(export(network));
        }
    }

    private static int indexOf(byte[] all, byte[] part) {
        for (int i = 0; i + part.length <= all.length; i++) {
            if (Arrays.equals(all, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        return -1;
    }

    private static byte[] export(Network network) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TorchScriptArchive.export(network.architecture(), network.levels().parameters(), out);
        return out.toByteArray();
    }

    private static double[] logits(Torch exported, int[]... sequences) {
        long[] all = Arrays.stream(sequences)
                .flatMapToInt(Arrays::stream)
                .asLongStream()
                .toArray();
        Shape shape = new Shape(sequences.length, sequences[0].length);
        try (NDArray ids = exported.manager().create(all, shape);
                NDArray logits = exported.call("forward", ids).get(0)) {
            assertThat(logits.getShape()).isEqualTo(shape.add(Tiny.VOCABULARY));
            if (logits.getDataType() == Torch.dataType(ElementType.FLOAT64)) {
                return logits.toDoubleArray();
            }
            float[] floats = logits.toFloatArray();
            double[] result = new double[floats.length];
            for (int i = 0; i < result.length; i++) {
                result[i] = floats[i];
            }
            return result;
        }
    }
}
