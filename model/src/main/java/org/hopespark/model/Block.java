package org.hopespark.model;

import ai.djl.ndarray.NDList;

/**
 * A block, or the decoder behind the last one, as the archive's module knows it.
 *
 * @param name of its methods, such as {@code block_0}: 0 is the place of its mixer among {@link Mixer#kinds}
 * @param parameters leaves
 */
record Block(String name, NDList parameters) {
    static Block of(int kind, NDList parameters) {
        return new Block("block_" + kind, parameters);
    }

    /** The decoder, which reads whole sequences alone. */
    static Block decoder(NDList parameters) {
        return new Block("decode", parameters);
    }

    /** The method for whole sequences, whose state nobody needs. */
    String whole() {
        return name;
    }

    /** The method that gives the state, too. */
    String method(boolean begins) {
        return (begins ? "begin_" : "continue_") + name;
    }

    /** The method that gives statistics of memories, too. */
    String watch() {
        return "watch_" + name;
    }
}
