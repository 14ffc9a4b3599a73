package org.hopespark.bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.data.DataSet;
import org.hopespark.data.TokenBatches;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.DataSetFolder;
import org.hopespark.data.shard.Manifest;
import org.hopespark.data.shard.PackedRow;
import org.hopespark.data.shard.Packing;
import org.hopespark.data.shard.Recipe;
import org.hopespark.data.shard.Shard;
import org.hopespark.data.shard.ShardVerifier;
import org.hopespark.data.shard.TokenizedDocument;
import org.hopespark.data.source.Document;
import org.hopespark.data.tokenizer.Gpt2TokenizerJson;
import org.hopespark.data.tokenizer.ReferenceEncoders;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.data.tokenizer.Tokenizers;

/** How fast one thread tokenizes, writes and reads, and how much room token ids take. */
public final class DataBenchmarks {
    /** One number. */
    public record Result(String name, double value, String unit) {}

    /** Name of the ratio between this program's {@code gpt2} and the same ids by Hugging Face's library. */
    public static final String OF_HUGGING_FACE = "tokenize gpt2, of Hugging Face's library";

    private static final int SEQUENCE_TOKENS = 2048;
    private static final int ROUNDS = 3;

    /** A round of shards is short, and Java compiles what it needs only after some. */
    private static final int SHARD_ROUNDS = 12;

    private DataBenchmarks() {}

    /**
     * Measures on documents; the fastest of three rounds counts. The tokenizers take turns.
     *
     * @param documents some megabytes of text
     * @param scratch folder for the data sets of the rounds, which stay there
     */
    public static List<Result> run(List<Document> documents, Path scratch) {
        List<Result> results = new ArrayList<>();
        results.addAll(shards(documents, "bytes", scratch));
        results.addAll(tokenizers(documents, scratch));
        results.addAll(shards(documents, "gpt2", scratch));
        return results;
    }

    /**
     * Measures writing, reading and verifying shards; the fastest of some rounds counts.
     *
     * @param documents some megabytes of text
     * @param tokenizer whose ids the shards hold
     * @param scratch folder for the data sets of the rounds, which stay there
     */
    public static List<Result> shards(List<Document> documents, String tokenizer, Path scratch) {
        try (Tokenizer opened = Tokenizers.of(tokenizer, new Storage(new Configuration()))) {
            return shards(documents, opened, scratch);
        }
    }

    /**
     * Measures tokenizers on documents, one thread; they take turns, and the fastest of three rounds counts.
     *
     * @param documents some megabytes of text
     * @param scratch folder for a file
     * @throws IllegalStateException if two that should give the same ids do not
     */
    public static List<Result> tokenizers(List<Document> documents, Path scratch) {
        Path json = scratch.resolve("gpt2-tokenizer.json");
        Gpt2TokenizerJson.write(json);
        try (Tokenizer gpt2 = Tokenizers.of("gpt2", new Storage(new Configuration()));
                Tokenizer cl100k = Tokenizers.of("cl100k", new Storage(new Configuration()));
                Tokenizer fromFile = Tokenizers.of("huggingface:" + json, new Storage(new Configuration()));
                Tokenizer library = ReferenceEncoders.huggingFace(json.toString(), new Storage(new Configuration()))) {
            List<Result> results = new ArrayList<>(compare(
                    documents,
                    List.of(
                            new Encoder("gpt2", gpt2::encode),
                            new Encoder("gpt2 from a tokenizer.json", fromFile::encode),
                            new Encoder("gpt2 with jtokkit", ReferenceEncoders.jtokkitGpt2()),
                            new Encoder("gpt2 with Hugging Face's library", library::encode))));
            results.addAll(compare(
                    documents,
                    List.of(
                            new Encoder("cl100k", cl100k::encode),
                            new Encoder("cl100k with jtokkit", ReferenceEncoders.jtokkitCl100k()))));
            return results;
        }
    }

    private record Encoder(String name, Function<String, int[]> function) {}

    private static List<Result> compare(List<Document> documents, List<Encoder> encoders) {
        double[] seconds = new double[encoders.size()];
        Arrays.fill(seconds, Double.MAX_VALUE);
        List<int[]> ids = List.of();
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < encoders.size(); i++) {
                long begin = System.nanoTime();
                List<int[]> some = encode(documents, encoders.get(i).function());
                seconds[i] = Math.min(seconds[i], secondsSince(begin));
                ids = i == 0 ? some : ids;
                requireEqual(documents, ids, some, encoders.get(i).name());
            }
        }
        double megabytes = utf8Bytes(documents) * 1e-6;
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < seconds.length; i++) {
            results.add(new Result("tokenize " + encoders.get(i).name(), megabytes / seconds[i], "MB/s"));
        }
        String name = encoders.get(0).name();
        if (name.equals("gpt2")) {
            results.add(new Result(OF_HUGGING_FACE, seconds[seconds.length - 1] / seconds[0], "times"));
        }
        results.add(new Result("documents for which all give the same ids, " + name, ids.size(), "documents"));
        results.add(new Result("text " + name, megabytes * 1e6 / count(ids), "bytes/token"));
        return results;
    }

    private static void requireEqual(List<Document> documents, List<int[]> ids, List<int[]> others, String name) {
        for (int i = 0; i < ids.size(); i++) {
            if (!Arrays.equals(ids.get(i), others.get(i))) {
                throw new IllegalStateException("other ids by " + name + " for "
                        + documents.get(i).source() + " " + documents.get(i).id());
            }
        }
    }

    private static List<Result> shards(List<Document> documents, Tokenizer tokenizer, Path scratch) {
        List<int[]> ids = encode(documents, tokenizer::encode);
        double write = Double.MAX_VALUE;
        double read = Double.MAX_VALUE;
        double verify = Double.MAX_VALUE;
        double seek = Double.MAX_VALUE;
        long bytesOnDisk = 0;
        for (int round = 0; round < SHARD_ROUNDS; round++) {
            String folder = scratch.resolve(tokenizer.name() + "-" + round).toString();
            long begin = System.nanoTime();
            Manifest manifest = write(documents, ids, tokenizer, folder);
            write = Math.min(write, secondsSince(begin));
            bytesOnDisk = manifest.shards().stream().mapToLong(Shard::bytes).sum();

            begin = System.nanoTime();
            read(folder);
            read = Math.min(read, secondsSince(begin));

            begin = System.nanoTime();
            verify(folder);
            verify = Math.min(verify, secondsSince(begin));

            begin = System.nanoTime();
            seek(folder);
            seek = Math.min(seek, secondsSince(begin));
        }
        double tokens = count(ids);
        return List.of(
                new Result("write shard " + tokenizer.name(), tokens / write * 1e-6, "Mtok/s"),
                new Result("read batches " + tokenizer.name(), tokens / read * 1e-6, "Mtok/s"),
                new Result("verify " + tokenizer.name(), bytesOnDisk / verify * 1e-6, "MB/s"),
                new Result("open and seek to the last step " + tokenizer.name(), seek * 1e3, "ms"),
                new Result("Parquet " + tokenizer.name(), bytesOnDisk / tokens, "bytes/token"));
    }

    private static List<int[]> encode(List<Document> documents, Function<String, int[]> tokenizer) {
        return documents.stream()
                .map(document -> tokenizer.apply(document.text()))
                .toList();
    }

    private static double count(List<int[]> ids) {
        return ids.stream().mapToLong(document -> document.length).sum();
    }

    private static double utf8Bytes(List<Document> documents) {
        return documents.stream()
                .mapToLong(document -> document.text().getBytes(StandardCharsets.UTF_8).length)
                .sum();
    }

    private static Manifest write(List<Document> documents, List<int[]> ids, Tokenizer tokenizer, String scratch) {
        Packing packing = Packing.of(SEQUENCE_TOKENS, 64, 1, 0, 1);
        Recipe recipe = Recipe.of(tokenizer, packing, List.of(), List.of());
        DataSetFolder folder = new DataSetFolder(scratch, new Storage(new Configuration()));
        Iterator<TokenizedDocument> tokenized = IntStream.range(0, ids.size())
                .boxed()
                .sorted((a, b) -> Long.compareUnsigned(packing.key(documents.get(a)), packing.key(documents.get(b))))
                .map(i -> {
                    Document document = documents.get(i);
                    byte[] utf8 = document.text().getBytes(StandardCharsets.UTF_8);
                    return TokenizedDocument.of(packing, document, utf8, ids.get(i));
                })
                .iterator();
        folder.claim(recipe);
        folder.writeLane(recipe, 0, tokenized, "0");
        folder.writeLane(recipe, 1, List.<TokenizedDocument>of().iterator(), "0");
        return folder.finish(recipe, List.of());
    }

    private static void read(String folder) {
        try (TokenBatches batches =
                DataSet.open(folder, new Storage(new Configuration())).batches(1, 1)) {
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

    /** What a run does that resumes from a checkpoint. */
    private static void seek(String folder) {
        try (TokenBatches batches =
                DataSet.open(folder, new Storage(new Configuration())).batches(1, 1)) {
            batches.rows(batches.stepsPerEpoch(), 0, 1);
        }
    }

    private static void verify(String folder) {
        Storage storage = new Storage(new Configuration());
        ShardVerifier verifier = new ShardVerifier(new DataSetFolder(folder, storage));
        int shards = DataSet.open(folder, storage).manifest().shards().size();
        List<String> problems = IntStream.range(0, shards)
                .mapToObj(verifier::verifyShard)
                .flatMap(List::stream)
                .toList();
        if (!problems.isEmpty()) {
            throw new IllegalStateException("what was just written is damaged: " + problems);
        }
    }

    private static double secondsSince(long begin) {
        return (System.nanoTime() - begin) * 1e-9;
    }
}
