package org.hopespark.cli;

import java.io.PrintStream;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.hopespark.conf.UserException;
import org.hopespark.data.DataSet;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.Manifest;
import org.hopespark.data.shard.PackedRow;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code data sample}: some rows as text. */
@Command(
        name = "sample",
        mixinStandardHelpOptions = true,
        description = "Prints rows of a data set as text, taken at random: what a model will see.")
public final class SampleShardsCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "FOLDER",
            description = "The data set: the folder that holds manifest.json; FOLDER@2 for its snapshot 2.")
    private String folder = "";

    @Option(names = "--rows", paramLabel = "N", defaultValue = "3", description = "How many. Default: 3.")
    private int rows;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Which ones. Default: 1.")
    private long seed;

    @Option(names = "--held-out", description = "Of what is held out, not of what is trained on.")
    private boolean heldOut;

    @Override
    public Integer call() {
        print(new Storage(SparkSessions.hadoop()), System.out);
        return 0;
    }

    private void print(Storage storage, PrintStream out) {
        DataSet dataSet = DataSet.open(folder, storage);
        Manifest manifest = dataSet.manifest();
        String split = heldOut ? "validation" : "training";
        long all = heldOut ? manifest.validation().rows() : manifest.training().rows();
        if (all == 0) {
            throw new UserException(folder + " has no rows in its " + split + " lanes");
        }
        if (rows < 1) {
            throw new UserException("--rows must be >= 1, got " + rows);
        }
        Random random = new Random(seed);
        try (Tokenizer tokenizer = dataSet.tokenizer()) {
            for (int i = 0; i < rows; i++) {
                print(dataSet.row(split, random.nextLong(all)), tokenizer, out);
            }
        }
    }

    private static void print(DataSet.PlacedRow placed, Tokenizer tokenizer, PrintStream out) {
        PackedRow row = placed.row();
        out.printf(
                "== %s, row %,d: %d documents, %d of %d positions are targets%n",
                placed.path(), placed.number(), row.segments(), row.targets(), row.tokens().length - 1);
        int continued = row.ends().length - row.starts().length;
        for (int segment = 0; segment < row.segments(); segment++) {
            int[] ids = IntStream.range(row.begin(segment), row.ends()[segment])
                    .map(position -> row.tokens()[position])
                    .filter(id -> id != tokenizer.documentStart() && id != tokenizer.documentEnd())
                    .toArray();
            out.printf("-- from position %d%s%n", row.begin(segment), segment < continued ? ", continued" : "");
            out.println(tokenizer.decode(ids));
        }
    }
}
