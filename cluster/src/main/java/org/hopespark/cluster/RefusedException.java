package org.hopespark.cluster;

import java.io.IOException;

/** One side of a connection has not proved that it belongs to the generation. The other side hears no reason. */
public final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    public RefusedException(String reason) {
        super(reason);
    }
}
