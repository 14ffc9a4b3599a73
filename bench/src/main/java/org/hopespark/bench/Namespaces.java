package org.hopespark.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * A network namespace for each worker and one for the bridge between them; both ends of a worker's cable let through
 * what its link does (token bucket). Nothing appears in the machine's own network, and with the namespaces everything
 * in them is gone.
 *
 * <p>Linux, {@code ip}, {@code tc} and root.
 */
final class Namespaces implements Site {
    private static final Logger LOG = LogManager.getLogger(Namespaces.class);

    /** Of the addresses set apart for measuring networks (RFC 2544). */
    private static final String NETWORK = "198.18.0.";

    /** Packets wait so long at most; TCP itself keeps fewer than that in a queue of its own machine. */
    private static final String LATENCY = "100ms";

    /** What passes at once: a large packet, or a millisecond's worth. */
    private static final long LEAST_BURST_BYTES = 16 << 10;

    private final String prefix = "hope-" + ProcessHandle.current().pid();
    private final List<String> made = Collections.synchronizedList(new ArrayList<>());
    private final Thread atExit = new Thread(this::remove, "hope-namespaces");

    private Namespaces() {}

    static Namespaces open(Link link, int workers) throws MissingException, InterruptedException {
        Namespaces result = new Namespaces();
        Runtime.getRuntime().addShutdownHook(result.atExit);
        try {
            result.build(link, workers);
            return result;
        } catch (IOException e) {
            result.close();
            throw new MissingException(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException | RuntimeException e) {
            result.close();
            throw e;
        }
    }

    private void build(Link link, int workers) throws IOException, InterruptedException {
        String bridge = add("bridge");
        run("ip -n " + bridge + " link add bridge type bridge");
        run("ip -n " + bridge + " addr add " + routerHost() + "/24 dev bridge");
        run("ip -n " + bridge + " link set bridge up");
        for (int rank = 0; rank < workers; rank++) {
            String worker = add(String.valueOf(rank));
            run("ip -n " + bridge + " link add worker" + rank + " type veth peer name cable netns " + worker);
            run("ip -n " + worker + " addr add " + host(rank) + "/24 dev cable");
            if (link.bitsPerSecond() > 0) {
                shape(bridge, "worker" + rank, link.bitsPerSecond());
                shape(worker, "cable", link.bitsPerSecond());
            }
            run("ip -n " + bridge + " link set worker" + rank + " master bridge up");
            run("ip -n " + worker + " link set cable up");
        }
    }

    private String add(String name) throws IOException, InterruptedException {
        String namespace = prefix + "-" + name;
        run("ip netns add " + namespace);
        made.add(namespace);
        run("ip -n " + namespace + " link set lo up");
        return namespace;
    }

    private static void shape(String namespace, String device, long bitsPerSecond)
            throws IOException, InterruptedException {
        long burst = Math.max(LEAST_BURST_BYTES, bitsPerSecond / 8 / 1000);
        run("tc -n " + namespace + " qdisc add dev " + device + " root tbf rate " + bitsPerSecond + "bit burst " + burst
                + " latency " + LATENCY);
    }

    private static void run(String command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException(command + ": " + said);
        }
    }

    @Override
    public List<String> worker(int rank) {
        return inside(String.valueOf(rank));
    }

    @Override
    public String host(int rank) {
        return NETWORK + (10 + rank);
    }

    @Override
    public List<String> router() {
        return inside("bridge");
    }

    @Override
    public String routerHost() {
        return NETWORK + "1";
    }

    private List<String> inside(String name) {
        return List.of("ip", "netns", "exec", prefix + "-" + name);
    }

    /** Removes what it has made, once the processes in it have ended. */
    @Override
    public void close() {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException ending) {
            LOG.debug("the process ends already", ending);
        }
    }

    private synchronized void remove() {
        for (String namespace : made) {
            try {
                run("ip netns del " + namespace);
            } catch (IOException e) {
                LOG.warn("{}; remove it by hand: ip netns del {}", e.getMessage(), namespace);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        made.clear();
    }
}
