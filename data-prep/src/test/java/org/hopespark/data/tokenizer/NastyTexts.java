package org.hopespark.data.tokenizer;

import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.Stream;

/** Texts made of what tokenizers get wrong. */
final class NastyTexts {
    private static final List<String> PIECES = List.of(
            " ",
            "  ",
            "   ",
            "\n",
            "\r\n",
            "\t",
            "\u000B",
            "\f",
            "\u0085",
            "\u00A0",
            "\u1680",
            "\u2003",
            "\u2028",
            "\u2029",
            "\u202F",
            "\u205F",
            "\u3000",
            "\u200B",
            "\uFEFF",
            "\u180E",
            "\u0000",
            "'",
            "''",
            "'s",
            "'S",
            "'t",
            "'RE",
            "'re",
            "'Ve",
            "'ll",
            "'lL",
            "'l",
            "'m",
            "'d",
            "'\u017F",
            "\u017F",
            "\u2019s",
            "0",
            "12",
            "12345",
            "\u00BD",
            "\u0664\u0665",
            "\u2167",
            "\u4E09",
            "a",
            "the",
            "The",
            "Hello",
            "don't",
            "HAVEN'T",
            "aaaaaaaa",
            "\u00FC",
            "u\u0308",
            "\u0308",
            "\u0301\u0327",
            "\u1E9B\u0323",
            "\uFB01",
            "\u212B",
            "\uAC00",
            "\u1112\u1161\u11AB",
            "\u0E01\u0E33",
            "\u0928\u093F",
            "\u0645\u0631\u062D\u0628\u0627",
            "\u05E9\u05C1",
            "\u9BE8",
            "\uD834\uDD1E",
            "\uD83D\uDE00",
            "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67",
            "\uD83C\uDDE9\uD83C\uDDEA",
            "\u2603\uFE0F",
            "!",
            "!!",
            "...",
            "_",
            "==",
            "//",
            "<|endoftext|>",
            "{\n    ",
            "\u0378",
            "\uE000",
            "\uFFFF",
            "\uFFFD");

    private NastyTexts() {}

    /**
     * Random texts.
     *
     * @param seed of the choice
     * @param codePoints which code points may be in them
     */
    static Stream<String> of(long seed, IntPredicate codePoints) {
        Random random = new Random(seed);
        List<String> pieces = PIECES.stream()
                .filter(piece -> piece.codePoints().allMatch(codePoints))
                .toList();
        return Stream.generate(() -> {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(30);
            for (int i = 0; i < length; i++) {
                if (random.nextInt(4) > 0) {
                    text.append(pieces.get(random.nextInt(pieces.size())));
                } else {
                    text.appendCodePoint(codePoint(random, codePoints));
                }
            }
            return text.toString();
        });
    }

    private static int codePoint(Random random, IntPredicate codePoints) {
        while (true) {
            int most = random.nextBoolean() ? 0x800 : random.nextInt(3) > 0 ? 0x10000 : 0x110000;
            int codePoint = random.nextInt(most);
            if ((codePoint < 0xD800 || codePoint > 0xDFFF) && codePoints.test(codePoint)) {
                return codePoint;
            }
        }
    }
}
