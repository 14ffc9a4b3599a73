package org.hopespark.bench;

import java.io.IOException;
import java.util.List;

/** Where the processes of a group of workers run, and what lies between them. */
interface Site extends AutoCloseable {
    /** What a worker's command line begins with. */
    List<String> worker(int rank);

    /** Where the others reach a worker. */
    String host(int rank);

    /** What the command line of whatever stands between the workers begins with. */
    List<String> router();

    /** Where the workers reach it. */
    String routerHost();

    @Override
    void close();

    /** This machine, or this user, cannot make it. */
    final class MissingException extends IOException {
        private static final long serialVersionUID = 1;

        MissingException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Makes it. */
    static Site of(Link link, int workers) throws MissingException, InterruptedException {
        return link.equals(Link.LOOPBACK) ? new Loopback("127.0.0.1") : Namespaces.open(link, workers);
    }

    /**
     * Processes like all others.
     *
     * @param address of this machine
     */
    record Loopback(String address) implements Site {
        @Override
        public List<String> worker(int rank) {
            return List.of();
        }

        @Override
        public String host(int rank) {
            return address;
        }

        @Override
        public List<String> router() {
            return List.of();
        }

        @Override
        public String routerHost() {
            return address;
        }

        @Override
        public void close() {
            // nothing was made
        }
    }
}
