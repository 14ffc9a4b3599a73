package org.hopespark.cluster;

import java.io.IOException;

/** What arrived is not what was sent: the network, or the memory of one side, has changed it. */
public final class DamagedMessageException extends IOException {
    private static final long serialVersionUID = 1L;

    public DamagedMessageException(String message) {
        super(message);
    }
}
