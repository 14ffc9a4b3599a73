package org.hopespark.cluster.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.GenerationKey;
import org.hopespark.cluster.Handshake;
import org.hopespark.cluster.Header;
import org.hopespark.cluster.Link.Direction;
import org.hopespark.cluster.Link.Flip;
import org.hopespark.cluster.Member;
import org.hopespark.cluster.NetworkContract;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.cluster.Phase;
import org.hopespark.cluster.Sender;
import org.hopespark.cluster.Tag;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class NioTransportTest extends NetworkContract {
    @Override
    protected NetworkTransport listen(Sender self, GenerationKey key) {
        return NioTransport.listen("127.0.0.1", self, key);
    }

    @Test
    void aStrangerHearsANumberAndRefusedAndTheRightRankGetsIn() throws Exception {
        Generation generation = new Generation(new UUID(1, 2), 1);
        Sender zero = new Sender(generation, 2, 0);
        try (NetworkTransport first = listen(zero, KEY);
                NetworkTransport second = listen(new Sender(generation, 2, 1), KEY)) {
            List<Member> members = List.of(first.member(), second.member());
            first.join(members);
            second.join(members);
            Handshake stranger = new Handshake(zero, GenerationKey.random());
            Handshake known = new Handshake(zero, KEY);
            for (Function<byte[], ByteBuffer> words : List.<Function<byte[], ByteBuffer>>of(
                    nonce -> ByteBuffer.allocate(Handshake.HELLO_BYTES),
                    nonce -> stranger.hello(1, nonce).bytes(),
                    nonce -> known.hello(1, new byte[nonce.length]).bytes(),
                    nonce -> known.hello(0, nonce).bytes())) {
                try (Socket socket = connect(second.member())) {
                    InputStream in = socket.getInputStream();
                    byte[] nonce = in.readNBytes(Handshake.NONCE_BYTES);
                    socket.getOutputStream().write(words.apply(nonce).array());
                    assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                            .isEqualTo("refused");
                }
            }
            FlatBuffer one = FlatBuffer.allocate(ElementType.FLOAT32, 1);
            Tag tag = new Tag(0, 1, 1, Phase.OPENING, 0);
            first.push(1, tag, one).get(10, TimeUnit.SECONDS);
            // the selector frees the port only after the last worker has had its answer
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            assertThatThrownBy(() -> {
                        while (System.nanoTime() < deadline) {
                            connect(second.member()).close();
                        }
                    })
                    .as("all are in: nobody listens any more")
                    .isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void fewConnectionsMaySayNothing() throws Exception {
        Generation generation = new Generation(new UUID(1, 2), 1);
        try (NetworkTransport victim = listen(new Sender(generation, 3, 1), KEY)) {
            List<Socket> silent = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                silent.add(connect(victim.member()));
            }
            int left = 0;
            for (Socket socket : silent) {
                socket.setSoTimeout(silent.indexOf(socket) < 200 - 67 ? 5_000 : 10);
                try (socket) {
                    socket.getInputStream().readAllBytes();
                } catch (SocketTimeoutException open) {
                    left++;
                }
            }
            assertThat(left).isEqualTo(67);
        }
    }

    @Test
    @org.junit.jupiter.api.Tag("slow")
    void whoSaysNothingForFiveSecondsIsShownTheDoor() throws Exception {
        Generation generation = new Generation(new UUID(1, 2), 1);
        try (NetworkTransport victim = listen(new Sender(generation, 3, 1), KEY);
                Socket silent = connect(victim.member());
                Socket slow = connect(victim.member())) {
            slow.getOutputStream().write(1);
            for (Socket socket : List.of(silent, slow)) {
                socket.setSoTimeout(8_000);
                assertThat(socket.getInputStream().readAllBytes()).hasSize(Handshake.NONCE_BYTES);
            }
        }
    }

    /** Even a worker that has proved who it is. */
    @Test
    void lengthsOutOfNowhereTakeNoMemory() throws Exception {
        Generation generation = new Generation(new UUID(1, 2), 1);
        try (NetworkTransport victim = listen(new Sender(generation, 3, 1), KEY);
                Socket socket = connect(victim.member())) {
            InputStream in = socket.getInputStream();
            Handshake.Hello hello =
                    new Handshake(new Sender(generation, 3, 0), KEY).hello(1, in.readNBytes(Handshake.NONCE_BYTES));
            socket.getOutputStream().write(hello.bytes().array());
            hello.requireProof(in.readNBytes(Handshake.PROOF_BYTES));
            ByteBuffer header = ByteBuffer.allocate(Header.BYTES);
            new Header(new Tag(0, 1, 1, Phase.OPENING, 0), 1L << 40, 0).encode(header);
            socket.getOutputStream().write(header.array());
            assertThat(in.readAllBytes()).isEmpty();
        }
    }

    /** A process of its own, which uses all it may open. */
    @Test
    void aWorkerThatRunsOutOfDescriptorsAcceptsAgainWhenThereAreSome() throws Exception {
        Process process = new ProcessBuilder(
                        "bash",
                        "-c",
                        "ulimit -n 1024; exec \"$0\" -Xshare:auto -XX:TieredStopAtLevel=1 -Xmx64m -cp \"$1\" \"$2\"",
                        System.getProperty("java.home") + "/bin/java",
                        System.getProperty("java.class.path"),
                        OutOfDescriptors.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said).contains("sum 3.0 after strangers had no descriptor");
        assertThat(process.waitFor()).isZero();
    }

    private static Socket connect(Member member) throws IOException {
        return new Socket(member.host(), member.port());
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
