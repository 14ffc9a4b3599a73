package org.hopespark.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class HandshakeTest {
    private static final UUID RUN = new UUID(1, 2);
    private static final GenerationKey KEY = GenerationKey.random();
    private static final byte[] NONCE = new byte[Handshake.NONCE_BYTES];

    private final Handshake acceptor = of(RUN, 7, 3, 1, KEY);
    private final Handshake connector = of(RUN, 7, 3, 0, KEY);

    @Test
    void bothSidesProveWhoTheyAre() throws Exception {
        Handshake.Hello hello = connector.hello(1, NONCE);
        Handshake.Accepted accepted = acceptor.accept(NONCE, hello.bytes());
        assertThat(accepted.rank()).isZero();
        assertThatCode(() -> hello.requireProof(accepted.proof().array())).doesNotThrowAnyException();
    }

    @Test
    void aProofHoldsForOneConnectionOneDirectionAndTwoRanksOfOneGeneration() throws Exception {
        ByteBuffer hello = connector.hello(1, NONCE).bytes();
        assertThatCode(() -> acceptor.accept(NONCE, hello.duplicate())).doesNotThrowAnyException();

        byte[] later = acceptor.nonce();
        assertThat(later).isNotEqualTo(acceptor.nonce());
        assertRefused(acceptor, later, hello, "rank 0 is claimed without a proof");
        assertRefused(of(RUN, 7, 3, 2, KEY), NONCE, hello, "rank 0 is claimed without a proof");
        assertRefused(of(RUN, 7, 3, 1, GenerationKey.random()), NONCE, hello, "rank 0 is claimed without a proof");
        assertRefused(of(RUN, 8, 3, 1, KEY), NONCE, hello, "rank 0 sends for generation 7");
        assertRefused(of(new UUID(3, 4), 7, 3, 1, KEY), NONCE, hello, "rank 0 sends for generation 7");
        assertRefused(of(RUN, 7, 2, 1, KEY), NONCE, hello, "rank 0 is one of 3 workers, but here are 2");
        assertRefused(of(RUN, 7, 3, 0, KEY), NONCE, hello, "rank 0 sends to rank 0");

        byte[] otherRank = bytes(hello);
        otherRank[Sender.BYTES - 1] = 2;
        assertRefused(acceptor, NONCE, ByteBuffer.wrap(otherRank), "rank 2 is claimed without a proof");
        byte[] answer = bytes(acceptor.accept(NONCE, hello.duplicate()).proof());
        byte[] reflected = bytes(hello);
        System.arraycopy(answer, 0, reflected, reflected.length - answer.length, answer.length);
        assertRefused(acceptor, NONCE, ByteBuffer.wrap(reflected), "rank 0 is claimed without a proof");
    }

    @Test
    void whatNoWorkerSaysIsRefused() {
        assertRefused(acceptor, NONCE, ByteBuffer.allocate(0), "no worker speaks: 0 bytes came");
        assertRefused(acceptor, NONCE, ByteBuffer.allocate(Handshake.HELLO_BYTES), "no worker of this version speaks");
    }

    @Test
    void whoListensMustProveItToo() {
        Handshake.Hello hello = connector.hello(1, NONCE);
        assertThatThrownBy(() -> hello.requireProof(Handshake.refusal().array()))
                .isInstanceOf(RefusedException.class)
                .hasMessage("refused");
        byte[] own = hello.bytes().array();
        for (byte[] answer : new byte[][] {
            {},
            new byte[Handshake.PROOF_BYTES],
            Arrays.copyOfRange(own, own.length - Handshake.PROOF_BYTES, own.length),
            acceptorsProof(of(RUN, 7, 3, 1, GenerationKey.random())),
            acceptorsProof(of(RUN, 7, 3, 2, KEY))
        }) {
            assertThatThrownBy(() -> hello.requireProof(answer))
                    .isInstanceOf(RefusedException.class)
                    .hasMessage("who listens there does not prove to be of this attempt");
        }
    }

    @Test
    void nothingPrintsTheKey() {
        assertThat(KEY.toString()).doesNotContain(KEY.encode());
        assertThat(GenerationKey.decode(KEY.encode()).encode()).isEqualTo(KEY.encode());
    }

    /** What another worker would answer to somebody else. */
    private byte[] acceptorsProof(Handshake other) {
        return other.hello(1, NONCE).bytes().array();
    }

    private static void assertRefused(Handshake acceptor, byte[] nonce, ByteBuffer hello, String reason) {
        assertThatThrownBy(() -> acceptor.accept(nonce, hello.duplicate()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(reason);
    }

    private static Handshake of(UUID run, long generation, int ranks, int rank, GenerationKey key) {
        return new Handshake(new Sender(new Generation(run, generation), ranks, rank), key);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
