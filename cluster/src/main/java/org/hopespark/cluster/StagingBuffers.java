package org.hopespark.cluster;

import java.nio.ByteBuffer;
import java.util.List;
import org.hopespark.model.FlatBuffer;

/** Where the parts of other ranks wait to be added. Buffers are allocated when they are first needed, and kept. */
final class StagingBuffers {
    private final int ranks;
    private final ByteBuffer[][] buffers = new ByteBuffer[Collective.CHUNKS_IN_FLIGHT][0];

    StagingBuffers(int ranks) {
        this.ranks = ranks;
    }

    /**
     * The buffer of one rank's part.
     *
     * @param slot below {@link Collective#CHUNKS_IN_FLIGHT}
     * @param mine this rank's part, which has the same type and length
     */
    FlatBuffer of(int slot, int from, FlatBuffer mine) {
        if (buffers[slot].length == 0) {
            buffers[slot] = new ByteBuffer[ranks];
        }
        ByteBuffer buffer = buffers[slot][from];
        if (buffer == null) {
            buffer = ByteBuffer.allocateDirect(Collective.CHUNK_BYTES);
            buffers[slot][from] = buffer;
        }
        return new FlatBuffer(mine.type(), List.of(buffer.slice(0, Math.toIntExact(mine.bytes()))));
    }
}
