package org.hopespark.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class StrangersTest {
    private final Strangers<String> strangers = new Strangers<>(2);

    @Test
    void whoOpensManyConnectionsLosesItsOwn() {
        assertThat(strangers.add("worker", new InetSocketAddress("10.0.0.1", 1)))
                .isEmpty();
        for (int i = 0; i < 65; i++) {
            assertThat(strangers.add("flood " + i, new InetSocketAddress("10.0.0.2", i)))
                    .isEmpty();
        }
        for (int i = 65; i < 1000; i++) {
            assertThat(strangers.add("flood " + i, new InetSocketAddress("10.0.0.2", i)))
                    .isEqualTo(Optional.of("flood " + (i - 65)));
        }
        assertThat(strangers.remove("worker")).isTrue();
        assertThat(strangers.remove("worker")).isFalse();
    }
}
