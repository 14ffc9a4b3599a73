package org.hopespark.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/**
 * How two workers prove to each other, at the beginning of a connection, that both hold the key of their generation.
 *
 * <pre>
 * acceptor   nonce
 * connector  sender, its own nonce, HMAC(key, connector, all of these and the acceptor's rank)
 * acceptor   HMAC(key, acceptor, the same)            or "refused", and the end
 * </pre>
 *
 * <p>Whoever does not hold the key hears a random number and that one word. What was heard on one connection is of no
 * use on another: neither later, because of the nonces, nor towards another rank, nor in the other direction.
 */
public final class Handshake {
    /** Length of what the acceptor begins with. */
    public static final int NONCE_BYTES = 32;
    /** Length of what the acceptor ends with. */
    public static final int PROOF_BYTES = 32;
    /** Length of what the connector says. */
    public static final int HELLO_BYTES = Sender.BYTES + NONCE_BYTES + PROOF_BYTES;

    private static final byte[] REFUSAL = "refused".getBytes(US_ASCII);
    private static final byte CONNECTOR = 1;
    private static final byte ACCEPTOR = 2;

    private final SecureRandom random = new SecureRandom();
    private final Sender self;
    private final GenerationKey key;

    public Handshake(Sender self, GenerationKey key) {
        this.self = self;
        this.key = key;
    }

    /** What a connection begins with; another one for each. */
    public byte[] nonce() {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        return nonce;
    }

    /** What a stranger hears. */
    public static ByteBuffer refusal() {
        return ByteBuffer.wrap(REFUSAL.clone());
    }

    /**
     * The connector's side.
     *
     * @param to rank of the acceptor
     * @param nonce of the acceptor
     */
    public Hello hello(int to, byte[] nonce) {
        byte[] own = nonce();
        ByteBuffer hello = ByteBuffer.allocate(HELLO_BYTES);
        self.encode(hello);
        hello.put(own).put(proof(CONNECTOR, self, to, nonce, own));
        return new Hello(hello.array(), proof(ACCEPTOR, self, to, nonce, own));
    }

    /** What a connector says, and what it wants to hear. */
    public static final class Hello {
        private final byte[] bytes;
        private final byte[] expected;

        private Hello(byte[] bytes, byte[] expected) {
            this.bytes = bytes;
            this.expected = expected;
        }

        /** The words. */
        public ByteBuffer bytes() {
            return ByteBuffer.wrap(bytes);
        }

        /**
         * Reads the answer.
         *
         * @throws RefusedException when the acceptor has refused, or is none of this generation itself
         */
        public void requireProof(byte[] answer) throws RefusedException {
            if (Arrays.equals(answer, REFUSAL)) {
                throw new RefusedException("refused");
            }
            if (!MessageDigest.isEqual(answer, expected)) {
                throw new RefusedException("who listens there does not prove to be of this attempt");
            }
        }
    }

    /**
     * A worker that has proved who it is.
     *
     * @param rank its number
     * @param proof the answer to it
     */
    public record Accepted(int rank, ByteBuffer proof) {}

    /**
     * The acceptor's side.
     *
     * @param nonce that this connection began with
     * @param hello {@link #HELLO_BYTES} of the connector
     * @throws RefusedException with a reason for this side only
     */
    public Accepted accept(byte[] nonce, ByteBuffer hello) throws RefusedException {
        if (hello.remaining() != HELLO_BYTES) {
            throw new RefusedException("no worker speaks: " + hello.remaining() + " bytes came");
        }
        Sender other = sender(hello);
        Optional<String> objection = self.objectionTo(other);
        if (objection.isPresent()) {
            throw new RefusedException(objection.get());
        }
        byte[] its = new byte[NONCE_BYTES];
        byte[] shown = new byte[PROOF_BYTES];
        hello.get(its).get(shown);
        if (!MessageDigest.isEqual(shown, proof(CONNECTOR, other, self.rank(), nonce, its))) {
            throw new RefusedException("rank " + other.rank() + " is claimed without a proof");
        }
        return new Accepted(other.rank(), ByteBuffer.wrap(proof(ACCEPTOR, other, self.rank(), nonce, its)));
    }

    private static Sender sender(ByteBuffer hello) throws RefusedException {
        try {
            return Sender.decode(hello);
        } catch (IllegalArgumentException garbage) {
            throw new RefusedException(String.valueOf(garbage.getMessage()));
        }
    }

    private byte[] proof(byte speaker, Sender connector, int acceptor, byte[] acceptorsNonce, byte[] connectorsNonce) {
        ByteBuffer all = ByteBuffer.allocate(1 + Sender.BYTES + Integer.BYTES + 2 * NONCE_BYTES);
        all.put(speaker);
        connector.encode(all);
        all.putInt(acceptor).put(acceptorsNonce).put(connectorsNonce);
        return key.sign(all.array());
    }
}
