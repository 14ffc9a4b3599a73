package org.hopespark.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.junit.jupiter.api.Test;

final class BundlesTest {
    private static InputPart piece(String name, Format format, long bytes) {
        return new InputPart(new InputFile(name, name, format, Input.at("in"), bytes, 0, ""), 0, 1);
    }

    private static List<InputPart> pieces(int files, long bytes) {
        List<InputPart> pieces = new ArrayList<>();
        for (int i = 0; i < files; i++) {
            pieces.add(piece("f" + i, i % 2 == 0 ? Format.TEXT : Format.JSONL, bytes));
        }
        return pieces;
    }

    @Test
    void aFileIsAPartUntilThereAreMany() {
        assertThat(Bundles.ofParts(pieces(200, 10))).hasSize(200);
        assertThat(Bundles.ofParts(pieces(10_000, 1 << 30))).hasSize(10_000);
    }

    @Test
    void manySmallFilesOfOneKindAreOnePart() {
        List<InputPart> pieces = pieces(10_000, 1000);
        pieces.add(5000, piece("large", Format.TEXT, 1 << 30));

        List<List<InputPart>> parts = Bundles.ofParts(pieces);

        assertThat(parts).hasSizeBetween(10, 13);
        Map<InputPart, Integer> places = new HashMap<>();
        pieces.forEach(piece -> places.put(piece, places.size()));
        assertThat(parts.stream().mapToInt(List::size).sum()).isEqualTo(pieces.size());
        assertThat(parts.stream().flatMap(List::stream).collect(Collectors.toSet()))
                .isEqualTo(places.keySet());
        assertThat(parts).allSatisfy(part -> {
            assertThat(part.stream().map(piece -> piece.file().format()).distinct())
                    .hasSize(1);
            assertThat(part.stream().map(places::get).toList()).isSorted();
        });
    }

    @Test
    void everyCoreHasSomethingToDo() {
        List<InputPart> pieces = pieces(1000, 1000);

        List<List<InputPart>> tasks =
                Bundles.ofTasks(pieces, piece -> piece.file().bytes(), 7);

        assertThat(tasks).hasSizeBetween(28, 40);
        assertThat(tasks.stream().flatMap(List::stream)).containsExactlyElementsOf(pieces);
        assertThat(Bundles.ofTasks(List.<InputPart>of(), piece -> 1, 7)).isEmpty();
    }
}
