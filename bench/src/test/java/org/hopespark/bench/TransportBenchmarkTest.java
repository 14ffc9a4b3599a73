package org.hopespark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.hopespark.bench.TransportBenchmark.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class TransportBenchmarkTest {

    @Test
    @Tag("slow")
    void everyTransportIsMeasuredAgainstBareSockets() throws Exception {
        List<Row> rows = TransportBenchmark.run(List.of(1, 4));
        assertThat(rows).hasSize(16).allSatisfy(row -> assertThat(row.value()).isPositive());
        assertThat(rows.stream().map(Row::name))
                .startsWith(
                        "exchange of 1 MiB, 2 ranks, bare sockets",
                        "exchange of 1 MiB, 2 ranks, bare sockets / bare sockets",
                        "all-reduce of 1 MiB, 2 ranks, nio");
    }
}
