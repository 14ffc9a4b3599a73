package org.hopespark.cluster;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Connections that have not proved whose they are. They cost a descriptor each, so there are few of them and not for
 * long; whoever opens many loses its own.
 *
 * @param <C> a connection
 */
public final class Strangers<C> {
    /** A worker says who it is at once. */
    public static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final int MOST = 64;
    private static final Logger LOG = LogManager.getLogger(Strangers.class);

    private final int most;
    private final Map<C, String> hosts = new LinkedHashMap<>();
    private long refusals;

    /**
     * Nobody yet.
     *
     * @param ranks N: all others may come at once
     */
    public Strangers(int ranks) {
        most = MOST + ranks;
    }

    /**
     * Another one; returns who has to go for it, where there are too many: the oldest of the host that has the most.
     */
    public synchronized Optional<C> add(C connection, SocketAddress from) {
        hosts.put(connection, from instanceof InetSocketAddress address ? address.getHostString() : from.toString());
        if (hosts.size() <= most) {
            return Optional.empty();
        }
        Map<String, Integer> counts = new HashMap<>();
        hosts.values().forEach(host -> counts.merge(host, 1, Integer::sum));
        String greediest = counts.entrySet().stream()
                .max(Comparator.comparingInt(Map.Entry::getValue))
                .orElseThrow()
                .getKey();
        C oldest = hosts.entrySet().stream()
                .filter(each -> each.getValue().equals(greediest))
                .findFirst()
                .orElseThrow()
                .getKey();
        hosts.remove(oldest);
        return Optional.of(oldest);
    }

    /** It is none any more; returns whether it was. */
    public synchronized boolean remove(C connection) {
        return hosts.remove(connection) != null;
    }

    /** For the log of this side, which no flood of them fills. */
    public synchronized void refused(Object from, String why) {
        refusals++;
        if (Long.bitCount(refusals) == 1) {
            LOG.warn("{} connections refused so far, the last one from {}: {}", refusals, from, why);
        }
    }
}
