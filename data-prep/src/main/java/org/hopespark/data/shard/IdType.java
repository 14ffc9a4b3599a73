package org.hopespark.data.shard;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** How a column stores ids or offsets: unsigned, little endian. */
public enum IdType {
    U16(2),
    U32(4);

    private final int bytes;

    IdType(int bytes) {
        this.bytes = bytes;
    }

    static IdType ofTokens(int vocabularySize) {
        return vocabularySize <= 1 << 16 ? U16 : U32;
    }

    static IdType ofOffsets(int sequenceTokens) {
        return sequenceTokens + 1 <= 65_535 ? U16 : U32;
    }

    public byte[] encode(int[] ids) {
        ByteBuffer buffer =
                ByteBuffer.allocate(Math.multiplyExact(ids.length, bytes)).order(ByteOrder.LITTLE_ENDIAN);
        if (this == U32) {
            buffer.asIntBuffer().put(ids);
            return buffer.array();
        }
        // loops over arrays and copies in one piece are what Java turns into vector instructions
        short[] narrow = new short[ids.length];
        for (int i = 0; i < ids.length; i++) {
            narrow[i] = (short) ids[i];
        }
        buffer.asShortBuffer().put(narrow);
        return buffer.array();
    }

    public int[] decode(ByteBuffer packed) {
        ByteBuffer buffer = packed.slice().order(ByteOrder.LITTLE_ENDIAN);
        int[] ids = new int[buffer.remaining() / bytes];
        if (this == U32) {
            buffer.asIntBuffer().get(ids);
            return ids;
        }
        short[] narrow = new short[ids.length];
        buffer.asShortBuffer().get(narrow);
        for (int i = 0; i < ids.length; i++) {
            ids[i] = narrow[i] & 0xFFFF;
        }
        return ids;
    }
}
