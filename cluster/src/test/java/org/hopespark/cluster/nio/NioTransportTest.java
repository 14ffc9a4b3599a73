package org.hopespark.cluster.nio;

import org.hopespark.cluster.NetworkContract;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.cluster.Sender;

final class NioTransportTest extends NetworkContract {
    @Override
    protected NetworkTransport listen(Sender self) {
        return NioTransport.listen("127.0.0.1", self);
    }
}
