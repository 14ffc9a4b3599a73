package org.hopespark.data.source;

import java.io.Serializable;

/**
 * One of the pieces in which a file is read.
 *
 * @param file the file
 * @param index which piece, from 0
 * @param count how many there are
 */
public record InputPart(InputFile file, int index, int count) implements Serializable {
    /** Bytes of the file that are its share. */
    public long bytes() {
        return file.bytes() / count;
    }
}
