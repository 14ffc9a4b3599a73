package org.hopespark.jobs.prepare;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.data.DataSet;
import org.hopespark.data.DataSetFolder;
import org.hopespark.data.Document;
import org.hopespark.data.Manifest;
import org.hopespark.data.PackedRow;
import org.hopespark.data.Packing;
import org.hopespark.data.Recipe;
import org.hopespark.data.Shard;
import org.hopespark.data.Storage;
import org.hopespark.data.TokenBatches;
import org.hopespark.data.TokenizedDocument;
import org.hopespark.data.Tokenizer;
import org.hopespark.data.Tokenizers;

/** How fast one thread tokenizes, writes and reads, and how much room token ids take. */
public final class DataBenchmarks {
    /** One number. */
    public record Result(String name, double value, String unit) {}

    private static final int SEQUENCE_TOKENS = 2048;
    private static final int ROUNDS = 3;

    private DataBenchmarks() {}

    /**
     * Measures with a text; the fastest of three rounds counts.
     *
     * @param text some megabytes of it
     * @param scratch folder for the data sets of the rounds, which stay there
     */
    public static List<Result> run(String text, String scratch) {
        List<Result> results = new ArrayList<>();
        for (String name : List.of("bytes", "gpt2")) {
            try (Tokenizer tokenizer = Tokenizers.of(name)) {
                results.addAll(run(text, tokenizer, scratch));
            }
        }
        return results;
    }

    private static List<Result> run(String text, Tokenizer tokenizer, String scratch) {
        double utf8Bytes = text.getBytes(StandardCharsets.UTF_8).length;
        double tokenize = Double.MAX_VALUE;
        double write = Double.MAX_VALUE;
        double read = Double.MAX_VALUE;
        int[] ids = {};
        Manifest manifest = null;
        for (int round = 0; round < ROUNDS; round++) {
            long begin = System.nanoTime();
            ids = tokenizer.encode(text);
            tokenize = Math.min(tokenize, secondsSince(begin));

            String folder = scratch + "/" + tokenizer.name() + "-" + round;
            begin = System.nanoTime();
            manifest = write(text, ids, tokenizer, folder);
            write = Math.min(write, secondsSince(begin));

            begin = System.nanoTime();
            read(folder);
            read = Math.min(read, secondsSince(begin));
        }
        double bytesOnDisk = java.util.Objects.requireNonNull(manifest).shards().stream()
                .mapToLong(Shard::bytes)
                .sum();
        return List.of(
                new Result("tokenize " + tokenizer.name(), utf8Bytes / tokenize * 1e-6, "MB/s"),
                new Result("tokenize " + tokenizer.name(), ids.length / tokenize * 1e-6, "Mtok/s"),
                new Result("text " + tokenizer.name(), utf8Bytes / ids.length, "bytes/token"),
                new Result("write shard " + tokenizer.name(), ids.length / write * 1e-6, "Mtok/s"),
                new Result("read batches " + tokenizer.name(), ids.length / read * 1e-6, "Mtok/s"),
                new Result("Parquet " + tokenizer.name(), bytesOnDisk / ids.length, "bytes/token"));
    }

    private static Manifest write(String text, int[] ids, Tokenizer tokenizer, String scratch) {
        Packing packing = Packing.of(SEQUENCE_TOKENS, 64, 1, 0, 1);
        Recipe recipe = Recipe.of(tokenizer, packing, List.of(), List.of());
        DataSetFolder folder = new DataSetFolder(scratch, new Storage(new Configuration()));
        TokenizedDocument document = TokenizedDocument.of(
                packing, new Document("sample", text, "sample"), text.getBytes(StandardCharsets.UTF_8), ids);
        folder.claim(recipe);
        folder.writeLane(recipe, 0, List.of(document).iterator(), "0");
        folder.writeLane(recipe, 1, List.<TokenizedDocument>of().iterator(), "0");
        return folder.finish(recipe, List.of());
    }

    private static void read(String folder) {
        try (TokenBatches batches = DataSet.open(folder).batches(1, 1)) {
            long targets = 0;
            for (long step = 1; step <= batches.stepsPerEpoch(); step++) {
                for (PackedRow row : batches.rows(step, 0, 1)) {
                    targets += row.targets();
                }
            }
            if (targets == 0) {
                throw new IllegalStateException("nothing was read from " + folder);
            }
        }
    }

    private static double secondsSince(long begin) {
        return (System.nanoTime() - begin) * 1e-9;
    }
}
