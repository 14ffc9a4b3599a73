package org.hopespark.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TextHashTest {
    @Test
    void whiteSpaceCaseAndUnicodeFormDoNotMatter() {
        assertThat(TextHash.of("  The Café\n\n is\topen ")).isEqualTo(TextHash.of("the cafe\u0301 is open"));
        assertThat(TextHash.of("a\u00a0b")).isEqualTo(TextHash.of("A b"));
    }

    @Test
    void allElseDoes() {
        assertThat(TextHash.of("the cafe is open")).isNotEqualTo(TextHash.of("the café is open"));
        assertThat(TextHash.of("a b")).isNotEqualTo(TextHash.of("ab"));
        assertThat(TextHash.of("a.")).isNotEqualTo(TextHash.of("a"));
    }

    /** The first half of the SHA-256 of "abc", FIPS 180-4. */
    @Test
    void itIsHalfOfASha256() {
        TextHash hash = TextHash.of("ABC");
        assertThat(Long.toHexString(hash.high())).isEqualTo("ba7816bf8f01cfea");
        assertThat(Long.toHexString(hash.low())).isEqualTo("414140de5dae2223");
    }
}
