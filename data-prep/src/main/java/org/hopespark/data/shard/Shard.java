package org.hopespark.data.shard;

/**
 * One lane's file.
 *
 * @param lane counted over both splits, training first
 * @param split {@code training} or {@code validation}
 * @param path file name in the data set's folder
 * @param firstRow rows of the shards before it in its split
 * @param rows rows
 * @param documents documents
 * @param bytes length of the file
 * @param utf8Bytes length of the documents' texts
 * @param realTokens ids of documents with their marks
 * @param paddingTokens other ids of the lane
 * @param targetTokens ids that are predicted
 * @param minId least id, 0 without rows
 * @param maxId greatest id, 0 without rows
 * @param sha256 of the file
 * @param crc32c of the rows' token bytes one after the other
 */
public record Shard(
        int lane,
        String split,
        String path,
        long firstRow,
        long rows,
        long documents,
        long bytes,
        long utf8Bytes,
        long realTokens,
        long paddingTokens,
        long targetTokens,
        int minId,
        int maxId,
        String sha256,
        String crc32c) {
    Shard startingAt(long row) {
        return in("", lane, row);
    }

    /** The same shard as one of a larger data set. */
    Shard in(String folder, int newLane, long row) {
        return new Shard(
                newLane,
                split,
                folder.isEmpty() ? path : folder + "/" + path,
                row,
                rows,
                documents,
                bytes,
                utf8Bytes,
                realTokens,
                paddingTokens,
                targetTokens,
                minId,
                maxId,
                sha256,
                crc32c);
    }
}
