package org.hopespark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.Util;
import org.hopespark.conf.UserException;
import org.hopespark.data.filter.Stage;
import org.hopespark.data.filter.StageCount;
import org.hopespark.data.io.Json;
import org.hopespark.data.shard.Manifest;
import org.hopespark.data.shard.PackedRow;
import org.hopespark.data.shard.Packing;
import org.hopespark.data.shard.ShardReader;
import org.hopespark.data.shard.SmallData;
import org.hopespark.data.shard.TokenCounts;
import org.hopespark.data.source.Document;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.data.tokenizer.Tokenizers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataSetTest {
    private static final Packing PACKING = Packing.of(64, 16, 4, 0.1, 3);

    @TempDir
    private Path folder;

    private DataSet prepare(String name, Packing packing) {
        return SmallData.prepare(
                folder.resolve(name),
                Tokenizers.of("bytes", SmallData.STORAGE),
                packing,
                SmallData.jsonLines(folder, 300, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes", "gpt2"})
    void everyTextComesBackFromTheLanes(String tokenizerName) {
        Tokenizer tokenizer = Tokenizers.of(tokenizerName, SmallData.STORAGE);
        Path corpus = SmallData.jsonLines(folder, 300, 1);
        DataSet dataSet = SmallData.prepare(folder.resolve("out"), tokenizer, PACKING, corpus);

        List<String> texts = new ArrayList<>();
        for (int lane = 0; lane < PACKING.allLanes(); lane++) {
            texts.addAll(SmallData.texts(dataSet, lane, tokenizer));
        }

        assertThat(texts)
                .containsExactlyInAnyOrderElementsOf(SmallData.read(SmallData.input(corpus)).stream()
                        .map(Document::text)
                        .toList());
    }

    @Test
    void heldOutDocumentsAreThoseOfTheLowestKeys() {
        DataSet dataSet = prepare("out", PACKING);
        List<Document> documents = SmallData.read(SmallData.input(folder.resolve("corpus-1.jsonl")));

        // A tenth of 2^64.
        List<String> low = documents.stream()
                .filter(document -> Long.compareUnsigned(PACKING.key(document), 0x1999999999999999L) <= 0)
                .map(Document::text)
                .toList();

        assertThat(SmallData.texts(dataSet, PACKING.lanes(), Tokenizers.of("bytes", SmallData.STORAGE)))
                .containsExactlyInAnyOrderElementsOf(low);
        assertThat(dataSet.manifest().validation().documents())
                .isEqualTo(low.size())
                .isBetween(15L, 45L);
        assertThat(dataSet.manifest().validation().utf8Bytes())
                .isEqualTo(low.stream()
                        .mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length)
                        .sum());
        List<PackedRow> rows = new ArrayList<>();
        dataSet.validationRows().forEachRemaining(rows::add);
        assertThat(rows).hasSize((int) dataSet.manifest().validation().rows());
    }

    @Test
    void theManifestCountsWhatTheRowsHold() {
        DataSet dataSet = prepare("out", PACKING);
        Manifest.Split training = dataSet.manifest().training();
        List<PackedRow> rows = new ArrayList<>();
        for (int lane = 0; lane < PACKING.lanes(); lane++) {
            rows.addAll(SmallData.rows(dataSet, lane));
        }

        assertThat(rows).hasSize((int) training.rows());
        assertThat(rows.stream().mapToLong(PackedRow::targets).sum()).isEqualTo(training.targetTokens());
        // Every byte of text is a target, and so is every end mark.
        assertThat(training.targetTokens()).isEqualTo(training.utf8Bytes() + training.documents());
        assertThat(training.realTokens()).isEqualTo(training.utf8Bytes() + 2 * training.documents());
    }

    @Test
    void unigramBitsAreThoseOfAddOneCounts() {
        // Counts 3 and 1 of two ids, one added: 4/6 and 2/6.
        double bits = TokenCounts.bitsPerByte(new long[] {3, 1}, new long[] {2, 1}, 4);

        double log2 = Math.log(2);
        assertThat(bits).isCloseTo(-(2 * Math.log(4 / 6.0) + Math.log(2 / 6.0)) / log2 / 4, within(1e-12));
    }

    @Test
    void batchesDoNotDependOnTheNumberOfWorkers() {
        DataSet dataSet = prepare("out", PACKING);

        List<List<Integer>> alone = batches(dataSet, 1);

        assertThat(alone).hasSize(8 * 20);
        assertThat(batches(dataSet, 2)).isEqualTo(alone);
        assertThat(batches(dataSet, 4)).isEqualTo(alone);
    }

    /** The rows of twenty steps of eight sequences, as workers with readers of their own see them. */
    private static List<List<Integer>> batches(DataSet dataSet, int workers) {
        List<List<Integer>> rows = new ArrayList<>();
        List<TokenBatches> readers = new ArrayList<>();
        for (int rank = 0; rank < workers; rank++) {
            readers.add(dataSet.batches(8, 5));
        }
        for (long step = 1; step <= 20; step++) {
            for (int rank = 0; rank < workers; rank++) {
                TokenBatches.Slots slots = readers.get(rank).slotsOf(rank, workers);
                for (PackedRow row : readers.get(rank).rows(step, slots.from(), slots.to())) {
                    rows.add(java.util.Arrays.stream(row.tokens()).boxed().toList());
                }
            }
        }
        readers.forEach(TokenBatches::close);
        return rows;
    }

    @Test
    void readingOnFromAStepGivesWhatReadingThroughGives() {
        DataSet dataSet = prepare("out", PACKING);
        try (TokenBatches through = dataSet.batches(2, 5);
                TokenBatches resumed = dataSet.batches(2, 5)) {
            long last = 2 * through.stepsPerEpoch() + 3;
            for (long step = 1; step < last; step++) {
                through.rows(step, 0, 2);
            }

            List<PackedRow> expected = through.rows(last, 0, 2);
            List<PackedRow> found = resumed.rows(last, 0, 2);

            assertThat(found.get(1).tokens()).isEqualTo(expected.get(1).tokens());
            assertThat(found.get(0).starts()).isEqualTo(expected.get(0).starts());
        }
    }

    @Test
    void seekingCrossesRowGroups() {
        Path corpus = SmallData.jsonLines(folder, 12_000, 2);
        DataSet dataSet = SmallData.prepare(
                folder.resolve("large"),
                Tokenizers.of("bytes", SmallData.STORAGE),
                Packing.of(64, 16, 1, 0, 3),
                corpus);
        List<PackedRow> rows = SmallData.rows(dataSet, 0);
        assertThat(rows.size()).isGreaterThan(10_000);

        for (int row : new int[] {0, 1, 511, 512, 5000, rows.size() - 1}) {
            try (ShardReader reader = dataSet.reader(0)) {
                reader.skipTo(row);
                assertThat(reader.read().orElseThrow().packed().tokens())
                        .as("row %d", row)
                        .isEqualTo(rows.get(row).tokens());
            }
        }
    }

    @Test
    void workersThatDoNotDivideTheBatchAreRefused() {
        try (TokenBatches batches = prepare("out", PACKING).batches(8, 5)) {
            assertThatThrownBy(() -> batches.slotsOf(0, 3))
                    .isInstanceOf(UserException.class)
                    .hasMessage("the number of workers 3 must divide batch-sequences 8");
        }
    }

    @Test
    void lanesWithoutDocumentsDoNoHarm() {
        DataSet dataSet = SmallData.prepare(
                folder.resolve("out"),
                Tokenizers.of("bytes", SmallData.STORAGE),
                Packing.of(64, 16, 64, 0, 3),
                SmallData.jsonLines(folder, 5, 1));

        try (TokenBatches batches = dataSet.batches(1, 1)) {
            long targets = 0;
            for (long step = 1; step <= batches.stepsPerEpoch(); step++) {
                targets += batches.rows(step, 0, 1).get(0).targets();
            }
            assertThat(targets).isEqualTo(dataSet.manifest().training().targetTokens());
        }
    }

    @Test
    void theIdentityDependsOnTheInputsAndSettingsOnly() {
        String first = prepare("here", PACKING).sha256();

        assertThat(prepare("there", PACKING).sha256()).isEqualTo(first);
        assertThat(prepare("elsewhere", Packing.of(64, 16, 4, 0.1, 4)).sha256()).isNotEqualTo(first);
    }

    /** The library writes them in the order of a hash set of objects, which differs from one JVM to the next. */
    @Test
    void theFooterListsEncodingsByNumber() throws IOException {
        prepare("out", PACKING);

        byte[] file = Files.readAllBytes(folder.resolve("out/lane-00000-of-00004.parquet"));
        int footerBytes = ByteBuffer.wrap(file, file.length - 8, 4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
        FileMetaData footer =
                Util.readFileMetaData(new ByteArrayInputStream(file, file.length - 8 - footerBytes, footerBytes));
        assertThat(footer.getRow_groups().get(0).getColumns())
                .hasSize(6)
                .allSatisfy(column -> assertThat(column.getMeta_data().getEncodings())
                        .containsExactly(Encoding.PLAIN, Encoding.BIT_PACKED));
    }

    @Test
    void theManifestIsCanonicalJson() throws IOException {
        DataSet dataSet = prepare("out", PACKING);
        byte[] json = Files.readAllBytes(folder.resolve("out/manifest.json"));

        assertThat(Json.read(json, Manifest.class)).isEqualTo(dataSet.manifest());
        assertThat(Json.read(json, Manifest.class).toJson()).isEqualTo(json);
        assertThat(new String(json, StandardCharsets.UTF_8)).doesNotContain(folder.toString());
    }

    @Test
    void aFolderWithoutManifestIsRefused() {
        assertThatThrownBy(() -> DataSet.open(folder.toString(), SmallData.STORAGE))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("holds no data set: there is no manifest.json");
    }

    @Test
    void aManifestOfAnotherVersionIsRefused() throws IOException {
        prepare("out", PACKING);
        Path manifest = folder.resolve("out/manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("\"format-version\":1", "\"format-version\":2"));

        assertThatThrownBy(() -> DataSet.open(folder.resolve("out").toString(), SmallData.STORAGE))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("version 2; this program reads hope-packed-tokens, version 1");
    }

    @Test
    void stagesAreCountedInTheManifest() {
        Stage shout = new Stage() {
            private static final long serialVersionUID = 1L;

            @Override
            public String name() {
                return "shout";
            }

            @Override
            public Outcome apply(Document document) {
                return document.text().length() < 20
                        ? new Remove("short")
                        : new Keep(new Document(
                                document.id(), document.text().toUpperCase(java.util.Locale.ROOT), document.source()));
            }
        };
        Path corpus = SmallData.jsonLines(folder, 300, 1);
        long kept = SmallData.read(SmallData.input(corpus)).stream()
                .filter(document -> document.text().length() >= 20)
                .count();

        Manifest manifest = SmallData.prepare(
                        folder.resolve("out"),
                        Tokenizers.of("bytes", SmallData.STORAGE),
                        PACKING,
                        List.of(shout),
                        corpus)
                .manifest();

        StageCount count = manifest.stages().get(1);
        assertThat(count.name()).isEqualTo("shout");
        assertThat(count.documentsIn()).isEqualTo(300);
        assertThat(count.documentsOut()).isEqualTo(kept);
        assertThat(count.removed()).containsEntry("short", 300 - kept);
        assertThat(manifest.documentsBySource()).containsEntry("corpus-1.jsonl", kept);
    }
}
