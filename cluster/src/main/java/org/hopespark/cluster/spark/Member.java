package org.hopespark.cluster.spark;

/**
 * Where a worker listens.
 *
 * @param host name or address that the other workers can reach
 * @param port of its transport
 */
record Member(String host, int port) {
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
