package org.hopespark.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.hopespark.cluster.Member;

/**
 * A process between the workers that hands every byte on a while after it came, in both directions of each connection:
 * the way is long, but holds as much as is sent. Not every kernel can delay packets.
 *
 * <p>It reads the addresses of the workers and prints where it listens in their place.
 */
final class DelayingRelay {
    private static final int BUFFER_BYTES = 1 << 16;

    /** 32 MiB of full buffers under way: more than a shaped link holds. */
    private static final int BUFFERS = 512;

    private final long delayNanos;

    private DelayingRelay(long delayNanos) {
        this.delayNanos = delayNanos;
    }

    /** The process: its own address, and milliseconds. */
    public static void main(String[] arguments) throws IOException {
        DelayingRelay relay = new DelayingRelay(TimeUnit.MILLISECONDS.toNanos(Long.parseLong(arguments[1])));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        List<Member> shown = new ArrayList<>();
        for (Member worker : StepWorker.MAPPER.readValue(in.readLine(), new TypeReference<List<Member>>() {})) {
            ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName(arguments[0]));
            shown.add(new Member(arguments[0], server.getLocalPort()));
            start(() -> relay.accept(server, worker));
        }
        System.out.println(StepWorker.LISTENS + StepWorker.MAPPER.writeValueAsString(shown));
        while (in.read() >= 0) {
            // until the command ends
        }
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException | InterruptedException ended) {
                // with the connection; both workers see that
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void accept(ServerSocket server, Member worker) throws IOException {
        while (true) {
            Socket from = server.accept();
            Socket to = new Socket();
            to.connect(new InetSocketAddress(worker.host(), worker.port()));
            pass(from, to);
            pass(to, from);
        }
    }

    /** The last part is empty. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    private record Part(long due, byte[] bytes) {}

    private void pass(Socket from, Socket to) throws IOException {
        from.setTcpNoDelay(true);
        BlockingQueue<Part> underWay = new ArrayBlockingQueue<>(BUFFERS);
        start(() -> {
            byte[] buffer = new byte[BUFFER_BYTES];
            try (InputStream in = from.getInputStream()) {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    underWay.put(new Part(System.nanoTime() + delayNanos, Arrays.copyOf(buffer, read)));
                }
            } finally {
                underWay.put(new Part(System.nanoTime() + delayNanos, new byte[0]));
            }
        });
        start(() -> {
            try (OutputStream out = to.getOutputStream()) {
                for (Part part = underWay.take(); part.bytes.length > 0; part = underWay.take()) {
                    for (long left = part.due - System.nanoTime(); left > 0; left = part.due - System.nanoTime()) {
                        LockSupport.parkNanos(left);
                    }
                    out.write(part.bytes);
                }
            }
        });
    }
}
