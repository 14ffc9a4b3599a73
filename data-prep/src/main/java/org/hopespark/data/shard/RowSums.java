package org.hopespark.data.shard;

import java.util.HexFormat;
import java.util.zip.CRC32C;

/** What is summed over the rows of a lane, by the writer and again by the verifier. */
final class RowSums {
    private final IdType type;
    private final CRC32C crc = new CRC32C();
    private long rows;
    private long targets;
    private int minId = Integer.MAX_VALUE;
    private int maxId;

    RowSums(IdType type) {
        this.type = type;
    }

    void add(PackedRow row) {
        crc.update(type.encode(row.tokens()));
        rows++;
        targets += row.targets();
        int least = minId;
        int greatest = maxId;
        for (int id : row.tokens()) {
            least = Math.min(least, id);
            greatest = Math.max(greatest, id);
        }
        minId = least;
        maxId = greatest;
    }

    long rows() {
        return rows;
    }

    long targets() {
        return targets;
    }

    int minId() {
        return rows == 0 ? 0 : minId;
    }

    int maxId() {
        return maxId;
    }

    String crc32c() {
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
