package org.hopespark.data.bpe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.hopespark.text.KeyedHash;
import org.junit.jupiter.api.Test;

final class WordTableTest {
    private static final KeyedHash ONE = new KeyedHash(0x0123456789ABCDEFL, 0x9E3779B97F4A7C15L);
    private static final KeyedHash OTHER = new KeyedHash(0x7A5662D2F5F59D4BL, 0xD1B54A32D192ED03L);

    private static byte[] word(int number) {
        return ("word " + Integer.toString(number * 7919, 36)).getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void whatIsFoundDoesNotDependOnTheKey() {
        for (WordTable table : List.of(new WordTable(5000, ONE), new WordTable(5000, OTHER), new WordTable(5000))) {
            IntStream.range(0, 5000).forEach(id -> table.put(new Token(word(id), id)));
            for (int id = 0; id < 10_000; id++) {
                int entry = table.find(word(id), 0, word(id).length);
                assertThat(entry == 0 ? -1 : table.id(entry)).isEqualTo(id < 5000 ? id : -1);
            }
        }
    }

    /** Words that share a hash under one key share none under another. */
    @Test
    void wordsThatAreMadeForOneKeyAreNoneForAnother() {
        WordTable one = new WordTable(16, ONE);
        WordTable other = new WordTable(16, OTHER);
        List<byte[]> crafted = IntStream.range(0, 400_000)
                .mapToObj(WordTableTest::word)
                .filter(word -> (one.hash(word, 0, word.length) & 0xFFF) == 5)
                .toList();
        assertThat(crafted).hasSizeGreaterThan(50);
        assertThat(crafted.stream()
                        .map(word -> other.hash(word, 0, word.length) & 0xFFF)
                        .distinct())
                .hasSizeGreaterThan(crafted.size() * 9 / 10);
    }
}
