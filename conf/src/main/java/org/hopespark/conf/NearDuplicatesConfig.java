package org.hopespark.conf;

/**
 * Keeps the first of all documents that are similar, or similar to similar ones: those that share a band of their
 * MinHash signatures (Broder 1997). The defaults find a pair of Jaccard similarity 0.8 with a probability of 0.92.
 *
 * @param shingleWords words of a shingle; in scripts that do not separate words (Chinese, Japanese, Thai, Khmer, ...) a
 *     letter with its marks is a word
 * @param bands bands of a signature
 * @param rows hash functions of a band
 * @param seed of the hash functions
 */
public record NearDuplicatesConfig(int shingleWords, int bands, int rows, long seed) implements CorpusStep {
    static final NearDuplicatesConfig DEFAULT = new NearDuplicatesConfig(5, 14, 8, 1);

    public NearDuplicatesConfig {
        if (shingleWords < 1 || bands < 1 || rows < 1) {
            throw new IllegalArgumentException(
                    "shingle-words, bands and rows must be >= 1, got " + shingleWords + ", " + bands + " and " + rows);
        }
    }
}
