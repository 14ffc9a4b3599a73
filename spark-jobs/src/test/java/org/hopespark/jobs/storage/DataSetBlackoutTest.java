package org.hopespark.jobs.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.data.DataSet;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.DataSetFolder;
import org.hopespark.data.shard.Growth;
import org.hopespark.data.shard.Packing;
import org.hopespark.data.shard.PartReport;
import org.hopespark.data.shard.PartTokenizer;
import org.hopespark.data.shard.Recipe;
import org.hopespark.data.shard.Snapshots;
import org.hopespark.data.shard.TokenizedDocument;
import org.hopespark.data.source.InputFile;
import org.hopespark.data.source.SourceFile;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.data.tokenizer.Tokenizers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data set that loses its power while it is made or added to: all but Spark, which deals the same work to tasks. */
class DataSetBlackoutTest {
    private static final Packing PACKING = Packing.of(64, 8, 2, 0.2, 1);

    /** After one of so many changes. */
    private static final int SOME = 13;

    @TempDir
    private Path folder;

    private Path root;
    private Storage storage;

    @BeforeEach
    void disk() throws IOException {
        root = Files.createDirectory(folder.resolve("disk"));
        storage = new Storage(Blackout.hadoop(root));
        input("monday", "first");
    }

    @Test
    void aDataSetHasTheSameBytes() throws IOException {
        make(SOME);
    }

    @Test
    @Tag("slow")
    void whatIsAddedHasTheSameBytesAndTheStateBeforeStays() throws IOException {
        add(SOME);
    }

    /** Lanes of an input that has changed since must not be taken for those of the new one. */
    @Test
    @Tag("slow")
    void whatWasLeftOfOtherInputsIsNotTakenForTheirs() throws IOException {
        addOthers(SOME);
    }

    /** Parquet files are slow to write: minutes. */
    @Test
    @Tag("slow")
    void soItIsAfterEveryChange() throws IOException {
        make(1);
    }

    @Test
    @Tag("slow")
    void soItIsAfterEveryChangeOfMore() throws IOException {
        add(1);
    }

    @Test
    @Tag("slow")
    void soItIsAfterEveryChangeOfOthers() throws IOException {
        addOthers(1);
    }

    private void make(int stride) throws IOException {
        Blackout blackout = blackout();
        blackout.after(this::prepare, stride);
        assertThat(blackout.disksTried()).isGreaterThan(5);
    }

    private void add(int stride) throws IOException {
        prepare();
        String before = DataSet.open(place(), storage).sha256();
        input("tuesday", "second");
        Blackout blackout = blackout();
        blackout.after(
                () -> {
                    assertThat(DataSet.open(place() + "@1", storage).sha256()).isEqualTo(before);
                    prepare();
                },
                stride);
        assertThat(blackout.disksTried()).isGreaterThan(5);
    }

    private void addOthers(int stride) throws IOException {
        prepare();
        input("tuesday", "second");
        Growth growth = snapshots().growth(recipe());
        DataSetFolder segment = snapshots().nextSegment();
        segment.claim(growth.recipe());
        lanes(segment, growth.recipe());
        input("tuesday", "changed");
        Blackout blackout = blackout();
        blackout.after(this::prepare, stride);
        assertThat(blackout.disksTried()).isGreaterThan(5);
    }

    private Blackout blackout() throws IOException {
        return new Blackout(root, path -> !path.contains("/_work/") && !path.contains("/."));
    }

    private String place() {
        return Blackout.place(root.resolve("data"));
    }

    private Snapshots snapshots() {
        return new Snapshots(new DataSetFolder(place(), storage));
    }

    private void input(String name, String word) throws IOException {
        Files.createDirectories(folder.resolve("landing"));
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            lines.add("{\"id\": \"" + i + "\", \"text\": \"" + (name + word + i).repeat(1 + i % 4) + "\"}");
        }
        Files.write(folder.resolve("landing/" + name + ".jsonl"), lines);
    }

    private void prepare() {
        Recipe recipe = recipe();
        DataSetFolder whole = new DataSetFolder(place(), storage);
        if (snapshots().numbers().isEmpty()) {
            if (whole.finished(recipe).isEmpty()) {
                make(whole, recipe);
            }
            return;
        }
        Growth growth = snapshots().growth(recipe);
        if (!growth.isNothing()) {
            DataSetFolder segment = snapshots().nextSegment();
            segment.discardOther(growth.recipe());
            if (segment.finished(growth.recipe()).isEmpty()) {
                make(segment, growth.recipe());
            }
            snapshots().add(growth);
        }
    }

    private void make(DataSetFolder output, Recipe recipe) {
        output.claim(recipe);
        output.finish(recipe, lanes(output, recipe));
    }

    private List<InputFile> inputs() {
        return InputFile.list(
                List.of(new Input(folder.resolve("landing").toString(), "", Format.AUTO, "text", "id", "**")), storage);
    }

    private Recipe recipe() {
        try (Tokenizer tokenizer = Tokenizers.of("bytes", storage)) {
            return Recipe.of(
                    tokenizer,
                    PACKING,
                    List.of(),
                    inputs().stream().map(file -> file.source(storage)).toList());
        }
    }

    private List<PartReport> lanes(DataSetFolder output, Recipe recipe) {
        Set<String> names = recipe.sources().stream().map(SourceFile::name).collect(Collectors.toSet());
        List<TokenizedDocument> documents = new ArrayList<>();
        List<PartReport> reports = new ArrayList<>();
        try (Tokenizer tokenizer = Tokenizers.of("bytes", storage)) {
            for (InputFile file : inputs()) {
                if (names.contains(file.name())) {
                    try (PartTokenizer part = new PartTokenizer(
                            file.parts(1).get(0), storage, List.of(), tokenizer, PACKING, lane -> true, 0)) {
                        part.forEachRemaining(row -> documents.add((TokenizedDocument) row));
                        reports.add(part.report());
                    }
                }
            }
        }
        documents.sort((a, b) -> Arrays.compareUnsigned(a.order(), b.order()));
        for (int lane = 0; lane < PACKING.allLanes(); lane++) {
            int wanted = lane;
            if (output.entry(recipe, lane).isEmpty()) {
                output.writeLane(
                        recipe,
                        lane,
                        documents.stream()
                                .filter(document -> document.lane() == wanted)
                                .iterator(),
                        "attempt");
            }
        }
        return reports;
    }
}
