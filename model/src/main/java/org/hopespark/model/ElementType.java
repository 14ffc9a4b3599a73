package org.hopespark.model;

/** Number formats of flat buffers: float32 in training, float64 where exactness is measured, bytes on the wire. */
public enum ElementType {
    FLOAT32(4, "F32"),
    FLOAT64(8, "F64"),
    INT8(1, "I8");

    private final int bytes;
    private final String safetensors;

    ElementType(int bytes, String safetensors) {
        this.bytes = bytes;
        this.safetensors = safetensors;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** The name of this type in a safetensors header. */
    public String safetensors() {
        return safetensors;
    }
}
