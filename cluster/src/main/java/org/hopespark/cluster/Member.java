package org.hopespark.cluster;

/**
 * Where a worker listens.
 *
 * @param host name or address that the other workers can reach
 * @param port of its transport
 */
public record Member(String host, int port) {
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
