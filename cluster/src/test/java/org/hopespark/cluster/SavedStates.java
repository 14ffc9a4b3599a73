package org.hopespark.cluster;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.StateSection;

/** States of a small model to save, and the files that they are saved in. */
final class SavedStates {
    static final Map<String, String> ABOUT = Map.of("seed", "17", "configuration", "model:\n  width: 8\n");

    private SavedStates() {}

    static Path part(CheckpointStore store, long step, String section) {
        Checkpoint checkpoint =
                store.list().stream().filter(c -> c.step() == step).findFirst().orElseThrow();
        return Path.of(URI.create(checkpoint.folder())).resolve(section + ".safetensors");
    }

    /** Also removes Hadoop's own checksum file, so that ours is the one that notices. */
    static void overwrite(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    }

    static List<StateSection> state(int seed) {
        FlatBuffer whole = values(ElementType.FLOAT64, 700, seed);
        FlatBuffer inTwoSlices = new FlatBuffer(
                ElementType.FLOAT64,
                List.of(
                        whole.range(0, 300).slices().get(0),
                        whole.range(300, 700).slices().get(0)));
        return List.of(
                new StateSection(
                        "level-1.parameters",
                        List.of(
                                new NamedTensor("up", List.of(2L, 3L), values(ElementType.FLOAT32, 6, seed)),
                                new NamedTensor("down", List.of(700L), inTwoSlices))),
                new StateSection(
                        "level-2.parameters",
                        List.of(new NamedTensor("scale", List.of(), values(ElementType.FLOAT32, 1, seed)))));
    }

    static FlatBuffer values(ElementType type, int elements, int seed) {
        FlatBuffer values = FlatBuffer.allocate(type, elements);
        ByteBuffer bytes = values.slices().get(0);
        for (int i = 0; i < elements; i++) {
            if (type == ElementType.FLOAT32) {
                bytes.putFloat(i * Float.BYTES, seed + i);
            } else {
                bytes.putDouble(i * Double.BYTES, seed + i);
            }
        }
        return values;
    }

    static List<Long> digests(List<StateSection> state) {
        return state.stream()
                .flatMap(section -> section.tensors().stream())
                .map(tensor -> tensor.data().digest())
                .toList();
    }
}
