package org.hopespark.jobs.tokenizer;

import java.io.PrintStream;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.TaskCompletionListener;
import org.hopespark.conf.UserException;
import org.hopespark.data.bpe.BytePairTrainer;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.InputFile;
import org.hopespark.data.source.InputPart;
import org.hopespark.data.tokenizer.TrainedTokenizer;
import org.hopespark.jobs.spark.BundledTasks;
import scala.Tuple2;

/**
 * Trains a byte-level byte-pair encoding. What comes out depends on the texts alone, not on how many tasks counted.
 *
 * @param vocabularySize tokens, the control token and the 256 bytes among them
 * @param leastCount words that occur less often are left out
 */
public record TrainTokenizerJob(int vocabularySize, long leastCount) {
    private static final int SMALLEST = 257;
    private static final long NEWS_NANOS = 5_000_000_000L;

    public TrainTokenizerJob {
        if (vocabularySize < SMALLEST) {
            throw new UserException("--vocabulary-size must be >= " + SMALLEST + ", the bytes and a control token, got "
                    + vocabularySize);
        }
        if (leastCount < 1) {
            throw new UserException("--least-count must be >= 1, got " + leastCount);
        }
    }

    /** Trains on files and returns what was learned. */
    public BytePairTrainer.Vocabulary run(SparkSession session, List<InputFile> files, PrintStream out) {
        JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        Storage storage = new Storage(spark.hadoopConfiguration());
        List<InputPart> parts = files.stream()
                .flatMap(file -> file.parts(2 * spark.defaultParallelism()).stream())
                .toList();
        out.printf(
                "tokenizer: counting the words of %d input files, %.1f MB%n",
                files.size(), files.stream().mapToLong(InputFile::bytes).sum() * 1e-6);
        long begin = System.nanoTime();
        List<Tuple2<String, Long>> words = count(spark, parts, storage);
        if (words.isEmpty()) {
            throw new UserException("no word occurs " + leastCount + " times in the inputs");
        }
        out.printf(
                "  %,d distinct words, %,d in all%s, %.1f s%n",
                words.size(),
                words.stream().mapToLong(Tuple2::_2).sum(),
                leastCount > 1 ? ", without those that occur less than " + leastCount + " times" : "",
                secondsSince(begin));
        return learn(words, out);
    }

    private List<Tuple2<String, Long>> count(JavaSparkContext spark, List<InputPart> parts, Storage storage) {
        long least = leastCount;
        return BundledTasks.of(spark, parts, InputPart::bytes)
                .mapPartitionsToPair(some -> wordsOf(some, storage))
                .reduceByKey(Long::sum)
                .filter(word -> word._2() >= least)
                .collect();
    }

    private static WordCounts wordsOf(Iterator<InputPart> parts, Storage storage) {
        WordCounts words = new WordCounts(parts, storage);
        TaskCompletionListener close = context -> words.close();
        TaskContext.get().addTaskCompletionListener(close);
        return words;
    }

    private BytePairTrainer.Vocabulary learn(List<Tuple2<String, Long>> words, PrintStream out) {
        long begin = System.nanoTime();
        BytePairTrainer trainer = TrainedTokenizer.trainer();
        words.forEach(word -> trainer.add(word._1(), word._2()));
        long[] printed = {System.nanoTime()};
        BytePairTrainer.Vocabulary vocabulary = trainer.train(vocabularySize, (tokens, token, count) -> {
            if (System.nanoTime() - printed[0] > NEWS_NANOS) {
                printed[0] = System.nanoTime();
                out.printf(
                        "  %,d of %,d tokens; the newest, %s, occurs %,d times; %.1f s%n",
                        tokens, vocabularySize, token, count, secondsSince(begin));
            }
        });
        out.printf("  %,d tokens, %.1f s%n", vocabulary.tokens().size(), secondsSince(begin));
        if (vocabulary.tokens().size() < vocabularySize) {
            out.println("  every word is one token: the inputs have no more to learn");
        }
        return vocabulary;
    }

    private static double secondsSince(long begin) {
        return (System.nanoTime() - begin) * 1e-9;
    }
}
