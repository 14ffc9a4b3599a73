package org.hopespark.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Strangers that know where the workers are and what the attempt is called, but not its key: they are silent, speak
 * garbage, claim ranks, repeat what they have heard, announce 2^40 bytes, and keep as many connections as they can.
 */
public final class Attack implements AutoCloseable {
    private static final int KEPT = 300;
    private static final int THREADS = 2;

    private final List<Member> victims;
    private final Generation generation;
    private final int ranks;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong connections = new AtomicLong();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final List<byte[]> heardNonces = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean over;

    /** Begins. */
    public Attack(List<Member> victims, Generation generation, int ranks) {
        this.victims = victims;
        this.generation = generation;
        this.ranks = ranks;
        for (int i = 0; i < THREADS; i++) {
            long seed = i;
            Thread thread = new Thread(() -> attack(new Random(seed)), "stranger-" + i);
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
    }

    /** Waits until so many have been tried. */
    public void awaitConnections(long count) throws InterruptedException {
        while (connections.get() < count) {
            Thread.sleep(5);
        }
    }

    /** How many have been tried. */
    public long connections() {
        return connections.get();
    }

    /** What the workers have said to them beyond random numbers, as text. */
    public String heard() {
        return String.join("\n", heard);
    }

    private void attack(Random random) {
        List<Socket> kept = new ArrayList<>();
        while (!over) {
            Member victim = victims.get(random.nextInt(victims.size()));
            connections.incrementAndGet();
            try {
                // from another address of this machine than the workers
                Socket socket = new Socket(
                        InetAddress.getByName(victim.host()), victim.port(), InetAddress.getByName("127.0.0.2"), 0);
                kept.add(socket);
                socket.setSoTimeout(20);
                say(socket, random);
            } catch (IOException closed) {
                pause();
            }
            if (kept.size() > KEPT) {
                close(kept.remove(0));
            }
        }
        kept.forEach(Attack::close);
    }

    private void say(Socket socket, Random random) throws IOException {
        int kind = random.nextInt(6);
        byte[] words = new byte[Handshake.HELLO_BYTES];
        random.nextBytes(words);
        switch (kind) {
            case 0 -> {
                return;
            }
            case 1 -> words = new byte[] {1};
            case 2 -> ByteBuffer.wrap(words).putLong(1L << 40);
            case 3 -> {
                words = new byte[100_000];
                random.nextBytes(words);
            }
            default -> {
                // a rank's right name, with a proof that was meant for another connection
                Sender claimed = new Sender(generation, ranks, random.nextInt(ranks));
                byte[] nonce = kind == 4 || heardNonces.isEmpty()
                        ? socket.getInputStream().readNBytes(Handshake.NONCE_BYTES)
                        : heardNonces.get(random.nextInt(heardNonces.size()));
                heardNonces.add(nonce.length == Handshake.NONCE_BYTES ? nonce : new byte[Handshake.NONCE_BYTES]);
                words = new Handshake(claimed, GenerationKey.random())
                        .hello(random.nextInt(ranks), heardNonces.get(heardNonces.size() - 1))
                        .bytes()
                        .array();
            }
        }
        socket.getOutputStream().write(words);
        listen(socket.getInputStream());
    }

    private void listen(InputStream in) throws IOException {
        byte[] answer = in.readNBytes(200);
        if (heard.size() < 1000) {
            heard.add(new String(answer, StandardCharsets.ISO_8859_1));
        }
    }

    private static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException gone) {
            // as well
        }
    }

    @Override
    public void close() {
        over = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
