package org.hopespark.jobs.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.conf.UserException;
import org.hopespark.data.bpe.BytePairTrainer;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.InputFile;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.data.tokenizer.Tokenizers;
import org.hopespark.data.tokenizer.TrainedTokenizer;
import org.hopespark.jobs.LocalFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainTokenizerJobTest {
    @TempDir
    private Path folder;

    private final Storage storage = new Storage(new Configuration());
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private List<InputFile> corpus() throws IOException {
        Random random = new Random(1);
        for (int file = 0; file < 8; file++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 2_000; i++) {
                text.append(Integer.toString((int) Math.abs(300 * random.nextGaussian()), 5))
                        .append(" gr\u00FC\u00DFt's ");
            }
            Files.writeString(folder.resolve("text-" + file + ".txt"), text.toString());
        }
        return InputFile.list(List.of(new Input(folder + "/text-*.txt", "", Format.AUTO, "text", "id", "**")), storage);
    }

    private BytePairTrainer.Vocabulary train(String master, TrainTokenizerJob job, List<InputFile> files) {
        SparkSession spark = SparkSession.builder()
                .master(master)
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .getOrCreate();
        try {
            spark.sparkContext().setLogLevel("OFF");
            return job.run(spark, files, new PrintStream(printed, true, StandardCharsets.UTF_8));
        } finally {
            spark.stop();
        }
    }

    @Test
    void theResultDoesNotDependOnTheNumberOfTasksAndIsATokenizer() throws IOException {
        List<InputFile> files = corpus();
        TrainTokenizerJob job = new TrainTokenizerJob(500, 1);

        BytePairTrainer.Vocabulary one = train("local[1]", job, files);
        BytePairTrainer.Vocabulary four = train("local[4]", job, files);

        assertThat(four).isEqualTo(one);
        assertThat(one.tokens()).hasSize(500).contains("\u0120gr\u00C3\u00BC\u00C3\u0141t");
        String file = TrainedTokenizer.write(one, folder.toString(), storage);
        try (Tokenizer tokenizer = Tokenizers.of("huggingface:" + file, LocalFiles.STORAGE)) {
            String text = Files.readString(folder.resolve("text-3.txt"));
            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
            assertThat(tokenizer.encode(text)).hasSizeLessThan(text.length() / 2);
            assertThat(tokenizer.documentEnd()).isZero();
        }
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("distinct words")
                .contains("500 tokens");
    }

    @Test
    void rareWordsAreLeftOutWhenAsked() throws IOException {
        List<InputFile> files = corpus();

        BytePairTrainer.Vocabulary few = train("local[2]", new TrainTokenizerJob(5_000, 10_000), files);

        assertThat(few.tokens()).hasSizeLessThan(270);
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("without those that occur less than 10000 times")
                .contains("every word is one token");
    }

    @Test
    void whatCannotBeTrainedIsRefused() throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), "{}");

        assertThatThrownBy(() -> new TrainTokenizerJob(256, 1))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("--vocabulary-size must be >= 257");
        assertThatThrownBy(() -> new TrainTokenizerJob(300, 0))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("--least-count must be >= 1, got 0");
        assertThatThrownBy(() -> TrainedTokenizer.requireNew(folder.toString(), storage))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("holds a tokenizer.json");
    }
}
