package org.hopespark.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A network between one worker and another one that listens, for the faults of networks. */
public final class Link implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final Member target;
    private final Duration perRead;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicLong forth = new AtomicLong();
    private final AtomicLong back = new AtomicLong();
    private volatile boolean dropping;
    private volatile Flip flip = new Flip(Direction.FORTH, -1, 0);

    /** Which way bytes go: to the one who listens, or back. */
    public enum Direction {
        FORTH,
        BACK
    }

    /**
     * A bit that arrives as another one than was sent.
     *
     * @param offset of its byte, counted from the first that went this way
     * @param bit 0 to 7
     */
    public record Flip(Direction direction, long offset, int bit) {
        void harm(byte[] bytes, long from, int count) {
            if (offset >= from && offset < from + count) {
                bytes[(int) (offset - from)] ^= (byte) (1 << bit);
            }
        }
    }

    /** A link that takes its time for every read of up to 64 KiB. */
    Link(Member target, Duration perRead) throws IOException {
        this.target = target;
        this.perRead = perRead;
        start(this::accept);
    }

    /** Where the target seems to listen. */
    Member member() {
        return new Member("127.0.0.1", server.getLocalPort());
    }

    /** Flips a bit once it comes. */
    void flip(Flip one) {
        flip = one;
    }

    /** How many bytes have gone one way. */
    long bytes(Direction direction) {
        return (direction == Direction.FORTH ? forth : back).get();
    }

    /** From now on nothing arrives, and nobody is told. */
    void drop() {
        dropping = true;
    }

    /** The one who listens hears that no more will come; the other direction stays. */
    void endForth() throws IOException {
        sockets.get(1).shutdownOutput();
    }

    /** The one who connected hears that no more will come; the other direction stays. */
    void endBack() throws IOException {
        sockets.get(0).shutdownOutput();
    }

    private void accept() throws IOException {
        while (true) {
            Socket near = server.accept();
            Socket far = new Socket(target.host(), target.port());
            sockets.addAll(List.of(near, far));
            start(() -> forward(near, far, Direction.FORTH));
            start(() -> forward(far, near, Direction.BACK));
        }
    }

    private void forward(Socket from, Socket to, Direction direction) throws IOException, InterruptedException {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        byte[] bytes = new byte[1 << 16];
        for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
            if (!perRead.isZero()) {
                Thread.sleep(perRead.toMillis());
            }
            long before = (direction == Direction.FORTH ? forth : back).getAndAdd(count);
            if (flip.direction == direction) {
                flip.harm(bytes, before, count);
            }
            if (!dropping) {
                out.write(bytes, 0, count);
            }
        }
        to.shutdownOutput();
    }

    private interface Task {
        void run() throws IOException, InterruptedException;
    }

    private static void start(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException | InterruptedException over) {
                // one of the two sides is gone
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
