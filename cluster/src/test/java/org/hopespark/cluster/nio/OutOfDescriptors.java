package org.hopespark.cluster.nio;

import java.io.FileInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.GenerationKey;
import org.hopespark.cluster.Member;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.cluster.Sender;
import org.hopespark.cluster.Strangers;
import org.hopespark.cluster.Workers;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;

/** Two workers in a process that may open few files: it opens all it may, strangers come, then two ranks add. */
final class OutOfDescriptors {
    private OutOfDescriptors() {}

    @SuppressWarnings("try") // the stranger is only there
    public static void main(String[] arguments) throws Exception {
        // all classes are there before no file can be opened
        sum(listen());
        new Strangers<Object>(2).refused("nobody", "this loads what writes the log");
        List<NetworkTransport> transports = listen();
        Member first = transports.get(0).member();
        Deque<FileInputStream> files = new ArrayDeque<>();
        exhaust(files);
        files.pop().close();
        try (Socket stranger = new Socket(first.host(), first.port())) {
            exhaust(files);
            // the kernel has the connection, but there is no descriptor to accept it with
            TimeUnit.MILLISECONDS.sleep(300);
            while (!files.isEmpty()) {
                files.pop().close();
            }
            System.out.println("sum " + sum(transports) + " after strangers had no descriptor");
        }
        System.exit(0);
    }

    private static List<NetworkTransport> listen() {
        Generation generation = new Generation(UUID.randomUUID(), 1);
        GenerationKey key = GenerationKey.random();
        List<NetworkTransport> transports = new ArrayList<>();
        for (int rank = 0; rank < 2; rank++) {
            transports.add(NioTransport.listen("127.0.0.1", new Sender(generation, 2, rank), key));
        }
        List<Member> members = transports.stream().map(NetworkTransport::member).toList();
        transports.forEach(transport -> transport.join(members));
        return transports;
    }

    private static double sum(List<NetworkTransport> transports) {
        return Workers.run(List.copyOf(transports), Workers.TIMEOUT, collective -> {
                    FlatBuffer value = FlatBuffer.allocate(ElementType.FLOAT32, 1);
                    value.put(0, 1 + collective.transport().rank());
                    collective.sum(1, 1, value);
                    return value.get(0);
                })
                .get(0)
                .result();
    }

    private static void exhaust(Deque<FileInputStream> files) {
        try {
            while (true) {
                files.push(new FileInputStream("/dev/null"));
            }
        } catch (IOException none) {
            System.out.println(files.size() + " files open: " + none.getMessage());
        }
    }
}
