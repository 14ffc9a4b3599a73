package org.hopespark.data.shard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import org.apache.hadoop.fs.Path;
import org.hopespark.data.io.Storage;
import org.hopespark.data.tokenizer.TokenizerInfo;

/** Packs the documents of one lane into its shard. */
public final class LaneWriter {
    private final Recipe recipe;
    private final Storage storage;

    public LaneWriter(Recipe recipe, Storage storage) {
        this.recipe = recipe;
        this.storage = storage;
    }

    /** Writes {@code file} with the documents in the order in which they come. */
    LaneEntry write(int lane, Iterator<TokenizedDocument> documents, Path file) {
        Packing packing = recipe.packing();
        TokenizerInfo tokenizer = recipe.tokenizer();
        ShardSchema.Types types = recipe.types();
        RowSums sums = new RowSums(types.tokens());
        long[] targetCounts = new long[tokenizer.vocabularySize()];
        long count = 0;
        long utf8Bytes = 0;
        long real = 0;
        Path unordered = file.suffix(".unordered");
        try (ShardWriter writer = new ShardWriter(unordered, storage, types)) {
            LanePacker packer = new LanePacker(packing, tokenizer.documentStart(), tokenizer.documentEnd(), row -> {
                try {
                    writer.write(row);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                sums.add(row.packed());
            });
            while (documents.hasNext()) {
                TokenizedDocument document = documents.next();
                packer.add(document.key(), document.ids());
                for (int id : document.ids()) {
                    targetCounts[id]++;
                }
                targetCounts[tokenizer.documentEnd()]++;
                count++;
                utf8Bytes += document.utf8Bytes();
                real += document.ids().length + 2L;
            }
            packer.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long stream = sums.rows() == 0 ? 0 : sums.rows() * packing.sequenceTokens() + 1;
        try {
            String sha256 = CanonicalFooter.copy(unordered, file, storage);
            storage.fileSystem(unordered).delete(unordered, false);
            Shard shard = new Shard(
                    lane,
                    packing.isValidation(lane) ? "validation" : "training",
                    packing.fileOf(lane),
                    0,
                    sums.rows(),
                    count,
                    storage.status(file).getLen(),
                    utf8Bytes,
                    real,
                    stream - real,
                    sums.targets(),
                    sums.minId(),
                    sums.maxId(),
                    sha256,
                    sums.crc32c());
            return new LaneEntry(shard, targetCounts);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
