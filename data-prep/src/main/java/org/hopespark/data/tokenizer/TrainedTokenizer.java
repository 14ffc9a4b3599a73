package org.hopespark.data.tokenizer;

import java.util.List;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.UserException;
import org.hopespark.data.bpe.BytePairTrainer;
import org.hopespark.data.io.Storage;

/** The folder of a tokenizer that was trained here. */
public final class TrainedTokenizer {
    private static final String NAME = "tokenizer.json";

    private TrainedTokenizer() {}

    /** A trainer whose id 0 marks documents. */
    public static BytePairTrainer trainer() {
        return new BytePairTrainer(ByteLevelJson.MARK);
    }

    /**
     * Refuses a folder that holds a tokenizer: data sets may have been made with it.
     *
     * @throws UserException if it does
     */
    public static void requireNew(String folder, Storage storage) {
        if (storage.exists(new Path(folder, NAME))) {
            throw new UserException(folder + " holds a " + NAME + "; name another folder, or remove it");
        }
    }

    /** Writes what was learned for the Hugging Face library and for {@link Tokenizers}; returns the file. */
    public static String write(BytePairTrainer.Vocabulary vocabulary, String folder, Storage storage) {
        List<String> tokens = vocabulary.tokens();
        List<String> merges = vocabulary.merges().stream()
                .map(merge -> tokens.get(merge.left()) + " " + tokens.get(merge.right()))
                .toList();
        Path file = new Path(folder, NAME);
        storage.publish(file, ByteLevelJson.of(tokens, merges));
        return file.toString();
    }
}
