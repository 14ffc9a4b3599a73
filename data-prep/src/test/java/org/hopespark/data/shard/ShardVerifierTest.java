package org.hopespark.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.hopespark.conf.UserException;
import org.hopespark.data.DataSet;
import org.hopespark.data.tokenizer.Tokenizers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardVerifierTest {
    @TempDir
    private Path folder;

    private Path out() {
        return folder.resolve("out");
    }

    @BeforeEach
    void prepare() {
        SmallData.prepare(
                out(),
                Tokenizers.of("bytes", SmallData.STORAGE),
                Packing.of(64, 16, 4, 0.1, 3),
                SmallData.jsonLines(folder, 300, 1));
    }

    private List<String> problems() {
        return new ShardVerifier(new DataSetFolder(out().toString(), SmallData.STORAGE)).verify();
    }

    private void replaceInManifest(String from, String to) throws IOException {
        String manifest = Files.readString(out().resolve("manifest.json"));
        String changed = manifest.replaceFirst(from, to);
        assertThat(changed).isNotEqualTo(manifest);
        Files.writeString(out().resolve("manifest.json"), changed);
    }

    private void acceptManifest() throws IOException {
        String sha256 = DigestUtils.sha256Hex(Files.readAllBytes(out().resolve("manifest.json")));
        Files.writeString(out().resolve("manifest.json.sha256"), sha256 + "  manifest.json\n");
    }

    @Test
    void aFreshDataSetHasNoProblems() {
        assertThat(problems()).isEmpty();
    }

    @Test
    void aFlippedByteIsFoundAndNamed() throws IOException {
        Path shard = out().resolve("lane-00002-of-00004.parquet");
        byte[] bytes = Files.readAllBytes(shard);
        bytes[bytes.length / 3] ^= 4;
        Files.write(shard, bytes);

        assertThat(problems())
                .isNotEmpty()
                .allSatisfy(problem -> assertThat(problem)
                        .contains("lane-00002-of-00004.parquet")
                        .contains("'hope data repair' rebuilds this lane"))
                .anySatisfy(problem -> assertThat(problem).contains("SHA-256: expected"))
                .anySatisfy(problem -> assertThat(problem).contains("cannot be read"));
    }

    @Test
    void readingAFlippedByteFailsWithTheNameOfTheShard() throws IOException {
        DataSet dataSet = DataSet.open(out().toString(), SmallData.STORAGE);
        Path shard = out().resolve("lane-00002-of-00004.parquet");
        byte[] bytes = Files.readAllBytes(shard);
        bytes[bytes.length / 3] ^= 4;
        Files.write(shard, bytes);

        assertThatThrownBy(() -> SmallData.rows(dataSet, 2))
                .isInstanceOf(CorruptShardException.class)
                .hasMessageContaining("lane-00002-of-00004.parquet row 0 cannot be read")
                .hasMessageContaining("CRC");
    }

    @Test
    void aMissingLaneIsFound() throws IOException {
        Files.delete(out().resolve("lane-00001-of-00004.parquet"));

        assertThat(problems())
                .singleElement()
                .asString()
                .contains("lane-00001-of-00004.parquet is missing; 'hope data repair' rebuilds this lane");
    }

    @Test
    void anEditedManifestIsRefused() throws IOException {
        replaceInManifest("\"seed\":3", "\"seed\":4");

        assertThatThrownBy(this::problems)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("manifest.json was changed after it was written");
    }

    @Test
    void aManifestWithWrongSumsIsFound() throws IOException {
        replaceInManifest("\"training\":\\{\"documents\":\\d+", "\"training\":{\"documents\":7");
        acceptManifest();

        assertThat(problems())
                .anySatisfy(problem -> assertThat(problem).startsWith("manifest.json training: expected"));
    }

    @Test
    void aShardThatIsSwappedForAnotherIsFound() throws IOException {
        byte[] other = Files.readAllBytes(out().resolve("lane-00000-of-00004.parquet"));
        Files.write(out().resolve("lane-00001-of-00004.parquet"), other);

        assertThat(problems())
                .anySatisfy(problem -> assertThat(problem).contains("SHA-256: expected"))
                .anySatisfy(problem -> assertThat(problem).contains("row 0: its document belongs to lane 0"));
    }

    @Test
    void idsBeyondTheVocabularyAreFound() throws IOException {
        replaceInManifest("\"vocabulary-size\":257", "\"vocabulary-size\":200");
        acceptManifest();

        assertThat(problems()).anySatisfy(problem -> assertThat(problem).contains("is not in the vocabulary of 200"));
    }

    @Test
    void wrongCountsOfAShardAreFound() throws IOException {
        replaceInManifest("\"crc32c\":\"[0-9a-f]{8}\"", "\"crc32c\":\"00000000\"");
        replaceInManifest("\"max-id\":256", "\"max-id\":255");
        replaceInManifest("\"target-tokens\":\\d+,\"utf8-bytes\":\\d+\\},", "\"target-tokens\":1,\"utf8-bytes\":1},");
        acceptManifest();

        assertThat(problems())
                .anySatisfy(problem -> assertThat(problem).contains("CRC-32C of the tokens: expected 00000000"))
                .anySatisfy(problem -> assertThat(problem).contains("greatest id: expected 255, found 256"))
                .anySatisfy(problem -> assertThat(problem).contains("target tokens: expected 1, found"));
    }

    @Test
    void documentsOutOfAlignmentAreFound() throws IOException {
        replaceInManifest("\"align-tokens\":16", "\"align-tokens\":64");
        acceptManifest();

        assertThat(problems())
                .anySatisfy(problem -> assertThat(problem).contains("does not start at a multiple of 64"));
        assertThat(new String(Files.readAllBytes(out().resolve("manifest.json.sha256")), StandardCharsets.US_ASCII))
                .endsWith("  manifest.json\n");
    }
}
