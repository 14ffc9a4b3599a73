package org.hopespark.data.shard;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/** Compares what a data set holds with what its manifest says. A problem names the file and what to do. */
public final class ShardVerifier implements Serializable {
    private static final long serialVersionUID = 1L;

    private final DataSetFolder folder;

    public ShardVerifier(DataSetFolder folder) {
        this.folder = folder;
    }

    /** Problems of the manifest and all shards. */
    public List<String> verify() {
        Manifest manifest = folder.manifest();
        List<String> problems = new ArrayList<>(verifyManifest());
        for (int lane = 0; lane < manifest.shards().size(); lane++) {
            problems.addAll(verifyShard(lane));
        }
        return problems;
    }

    /** Problems of the manifest itself: its sums and its list of shards. */
    public List<String> verifyManifest() {
        Manifest manifest = folder.manifest();
        Packing packing = manifest.recipe().packing();
        Check check = new Check("manifest.json", "; delete it and run prepare again with the same settings");
        check.equal("shards", packing.allLanes(), manifest.shards().size());
        long firstRow = 0;
        for (int i = 0; i < manifest.shards().size(); i++) {
            Shard shard = manifest.shards().get(i);
            firstRow = i == packing.lanes() ? 0 : firstRow;
            check.equal("lane of shard " + i, i, shard.lane());
            check.equal("path of shard " + i, packing.fileOf(i), shard.path());
            check.equal("split of shard " + i, packing.isValidation(i) ? "validation" : "training", shard.split());
            check.equal("first-row of " + shard.path(), firstRow, shard.firstRow());
            firstRow += shard.rows();
        }
        check.equal("training", Manifest.Split.of(manifest.trainingShards()), manifest.training());
        check.equal("validation", Manifest.Split.of(manifest.validationShards()), manifest.validation());
        check.equal(
                "documents-by-source",
                manifest.training().documents() + manifest.validation().documents(),
                manifest.documentsBySource().values().stream()
                        .mapToLong(Long::longValue)
                        .sum());
        return check.problems;
    }

    /** Problems of one shard, by its place in the manifest. */
    public List<String> verifyShard(int index) {
        Manifest manifest = folder.manifest();
        Shard shard = manifest.shards().get(index);
        Path path = folder.shard(shard);
        Check check = new Check(path.toString(), ShardReader.REMEDY);
        try {
            if (!folder.storage().exists(path)) {
                return List.of(path + " is missing" + ShardReader.REMEDY);
            }
            check.equal(
                    "length in bytes",
                    shard.bytes(),
                    folder.storage().status(path).getLen());
            check.equal("SHA-256", shard.sha256(), folder.storage().sha256(path));
            verifyRows(manifest, shard, path, check);
        } catch (CorruptShardException e) {
            check.problems.add(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            check.problem("cannot be read (" + e.getMessage() + ")");
        }
        return check.problems;
    }

    private void verifyRows(Manifest manifest, Shard shard, Path path, Check check) {
        Recipe recipe = manifest.recipe();
        RowSums sums = new RowSums(recipe.dtype());
        long documents = 0;
        int lastOfRow = -1;
        long lastDocument = 0;
        try (ShardReader reader = new ShardReader(path, folder.storage(), recipe.types())) {
            for (Optional<ShardRow> row = reader.read(); row.isPresent(); row = reader.read()) {
                PackedRow packed = row.get().packed();
                String problem = problemOf(row.get(), recipe, lastOfRow);
                long document = row.get().firstDocument();
                if (problem.isEmpty() && recipe.packing().laneOf(document) != shard.lane()) {
                    problem = "its document belongs to lane " + recipe.packing().laneOf(document);
                }
                if (problem.isEmpty() && Long.compareUnsigned(document, lastDocument) < 0) {
                    problem = "its document comes before that of the row before";
                }
                lastDocument = document;
                if (!problem.isEmpty()) {
                    check.problem("row " + row.get().row() + ": " + problem);
                    return;
                }
                lastOfRow = packed.tokens()[recipe.packing().sequenceTokens()];
                documents += packed.starts().length;
                sums.add(packed);
            }
        }
        check.equal("rows", shard.rows(), sums.rows());
        check.equal("documents", shard.documents(), documents);
        check.equal("target tokens", shard.targetTokens(), sums.targets());
        check.equal("least id", shard.minId(), sums.minId());
        check.equal("greatest id", shard.maxId(), sums.maxId());
        check.equal("CRC-32C of the tokens", shard.crc32c(), sums.crc32c());
    }

    /** What is wrong with a row; empty if nothing is. */
    private static String problemOf(ShardRow row, Recipe recipe, int lastOfRowBefore) {
        PackedRow packed = row.packed();
        int[] tokens = packed.tokens();
        for (int id : tokens) {
            if (id < 0 || id >= recipe.tokenizer().vocabularySize()) {
                return "id " + id + " is not in the vocabulary of "
                        + recipe.tokenizer().vocabularySize();
            }
        }
        if (lastOfRowBefore >= 0 && tokens[0] != lastOfRowBefore) {
            return "begins with id " + tokens[0] + ", the row before ends with " + lastOfRowBefore;
        }
        int continued = packed.ends().length - packed.starts().length;
        boolean beginsWithStart = packed.starts().length > 0 && packed.starts()[0] == 0;
        if (continued != (beginsWithStart ? 0 : 1)) {
            return packed.starts().length + " starts and " + packed.ends().length + " ends do not fit";
        }
        int before = 0;
        for (int segment = 0; segment < packed.segments(); segment++) {
            int begin = packed.begin(segment);
            int end = packed.ends()[segment];
            if (begin < before || end <= begin || end > tokens.length) {
                return "segment " + segment + " from " + begin + " to " + end + " is out of order";
            }
            boolean starts = segment >= continued;
            if (starts && begin % recipe.packing().alignTokens() != 0) {
                return "the document at offset " + begin + " does not start at a multiple of "
                        + recipe.packing().alignTokens();
            }
            if (starts && tokens[begin] != recipe.tokenizer().documentStart()) {
                return "the document at offset " + begin + " does not start with a mark";
            }
            before = end;
        }
        return row.realTokens() == packed.realTokens()
                ? ""
                : "n_real is " + row.realTokens() + ", its segments have " + packed.realTokens() + " ids";
    }

    private static final class Check {
        private final String file;
        private final String remedy;
        private final List<String> problems = new ArrayList<>();

        Check(String file, String remedy) {
            this.file = file;
            this.remedy = remedy;
        }

        void problem(String text) {
            problems.add(file + " " + text + remedy);
        }

        void equal(String what, Object expected, Object found) {
            if (!String.valueOf(expected).equals(String.valueOf(found))) {
                problem(what + ": expected " + expected + ", found " + found);
            }
        }
    }
}
