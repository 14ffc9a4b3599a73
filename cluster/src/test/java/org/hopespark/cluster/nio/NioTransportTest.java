package org.hopespark.cluster.nio;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.hopespark.cluster.Link.Direction;
import org.hopespark.cluster.Link.Flip;
import org.hopespark.cluster.NetworkContract;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.cluster.Sender;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class NioTransportTest extends NetworkContract {
    @Override
    protected NetworkTransport listen(Sender self) {
        return NioTransport.listen("127.0.0.1", self);
    }

    /** Introduction, headers, numbers and confirmations: no byte goes unchecked. */
    @ParameterizedTest
    @EnumSource
    void everyFlippedByteOfAConnectionIsAnError(Direction direction) throws Exception {
        int elements = 5;
        long bytes = bytesToFlip(direction, elements);
        for (long offset = 0; offset < bytes; offset++) {
            Flipped flipped =
                    overFlippingLink(Duration.ofSeconds(5), new Flip(direction, offset, (int) offset % 8), elements);
            flipped.requireRightSums();
            assertThat(flipped.errors()).as("byte %d of %d", offset, bytes).isNotEmpty();
        }
    }
}
