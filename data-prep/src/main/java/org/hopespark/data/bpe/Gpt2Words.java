package org.hopespark.data.bpe;

import static org.hopespark.data.bpe.UnicodeClasses.SPACE;

/** The words of GPT-2 (r50k): {@value #PATTERN}. */
final class Gpt2Words implements PreTokenizer {
    static final String PATTERN = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    @Override
    public int wordEnd(byte[] utf8, int begin, int end) {
        int first = utf8[begin];
        if (first == '\'') {
            int contraction = contractionEnd(utf8, begin, end);
            if (contraction > 0) {
                return contraction;
            }
        }
        int at = first == ' ' && begin + 1 < end ? begin + 1 : begin;
        byte kind = UnicodeClasses.at(utf8, at);
        if (kind != SPACE) {
            return UnicodeClasses.runEnd(utf8, at, end, kind);
        }
        return Spaces.wordEnd(utf8, begin, UnicodeClasses.runEnd(utf8, at, end, SPACE), end);
    }

    /** The end of 's, 't, 're, 've, 'm, 'll or 'd; 0 where there is none. */
    private static int contractionEnd(byte[] utf8, int begin, int end) {
        if (begin + 1 == end) {
            return 0;
        }
        int second = begin + 2 < end ? utf8[begin + 2] : 0;
        return switch (utf8[begin + 1]) {
            case 's', 't', 'm', 'd' -> begin + 2;
            case 'r', 'v' -> second == 'e' ? begin + 3 : 0;
            case 'l' -> second == 'l' ? begin + 3 : 0;
            default -> 0;
        };
    }
}
