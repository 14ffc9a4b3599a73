package org.hopespark.data.bpe;

/** {@code \s+(?!\S)|\s+}: white space up to the last one in front of a word, which is left for that word. */
final class Spaces {
    private Spaces() {}

    /** The end of the word of white space that begins at a place, where a run of white space does. */
    static int wordEnd(byte[] utf8, int begin, int runEnd, int end) {
        if (runEnd == end) {
            return end;
        }
        int last = runEnd - 1;
        while ((utf8[last] & 0xC0) == 0x80) {
            last--;
        }
        return last == begin ? runEnd : last;
    }
}
