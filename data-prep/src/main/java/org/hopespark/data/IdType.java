package org.hopespark.data;

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
        for (int id : ids) {
            if (this == U16) {
                buffer.putShort((short) id);
            } else {
                buffer.putInt(id);
            }
        }
        return buffer.array();
    }

    public int[] decode(ByteBuffer packed) {
        ByteBuffer buffer = packed.slice().order(ByteOrder.LITTLE_ENDIAN);
        int[] ids = new int[buffer.remaining() / bytes];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = this == U16 ? Short.toUnsignedInt(buffer.getShort()) : buffer.getInt();
        }
        return ids;
    }
}
