package org.hopespark.cluster;

import java.util.List;

final class InProcessTransportTest extends CollectiveContract {
    @Override
    protected List<Transport> group(int ranks) {
        return InProcessTransport.group(ranks);
    }
}
