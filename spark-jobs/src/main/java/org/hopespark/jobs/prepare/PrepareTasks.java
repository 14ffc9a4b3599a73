package org.hopespark.jobs.prepare;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.hopespark.conf.UserException;
import org.hopespark.data.filter.Stage;
import org.hopespark.data.shard.DataSetFolder;
import org.hopespark.data.shard.PartTokenizer;
import org.hopespark.data.shard.Recipe;
import org.hopespark.data.shard.TokenizedDocument;
import org.hopespark.data.source.InputPart;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.data.tokenizer.TokenizerInfo;
import org.hopespark.data.tokenizer.Tokenizers;

/**
 * What the tasks of both sides of the shuffle need and do.
 *
 * @param recipe the {@link Recipe} as JSON
 * @param tokenizer name of the tokenizer
 * @param stages filters
 * @param finishedLanes lanes that an earlier launch has written
 * @param maxBad bad rows that one part may have
 * @param folder where shards go
 */
@SuppressWarnings("ArrayRecordComponent") // carried to the tasks, never compared
record PrepareTasks(
        byte[] recipe, String tokenizer, List<Stage> stages, int[] finishedLanes, long maxBad, DataSetFolder folder)
        implements Serializable {

    Recipe readRecipe() {
        return Recipe.fromJson(recipe);
    }

    boolean isFinished(int lane) {
        return Arrays.binarySearch(finishedLanes, lane) >= 0;
    }

    /** The tokenizer of the recipe, or a refusal when this machine has another one under the same name. */
    Tokenizer openTokenizer(Recipe expected) {
        Tokenizer opened = Tokenizers.of(tokenizer, folder.storage());
        if (!TokenizerInfo.of(opened).equals(expected.tokenizer())) {
            throw new UserException("the tokenizer " + tokenizer + " differs between the driver and an executor;"
                    + " put its file where all of them see the same one");
        }
        return opened;
    }

    PartTokenizer open(InputPart part, Tokenizer opened, Recipe expected) {
        return new PartTokenizer(
                part, folder.storage(), stages, opened, expected.packing(), lane -> !isFinished(lane), maxBad);
    }

    void writeBad(Iterator<byte[]> lines, long attempt) {
        folder.writeBad(lines, Long.toString(attempt));
    }

    void write(int lane, Iterator<TokenizedDocument> documents, long attempt) {
        if (!isFinished(lane)) {
            folder.writeLane(readRecipe(), lane, documents, Long.toString(attempt));
        }
    }
}
