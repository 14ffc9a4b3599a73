package org.hopespark.jobs.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.hopespark.cluster.Tag;
import org.hopespark.cluster.Transport;
import org.hopespark.conf.UserException;
import org.hopespark.model.FlatBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a worker of the check finds broken, on its own. */
final class ProbeTaskTest {
    private static final Duration SOON = Duration.ofMillis(100);

    @TempDir
    private java.nio.file.Path folder;

    /** Rank 0 of 2, whose packets to the other one are dropped or refused. */
    private record Closed(Optional<IOException> refusal) implements Transport {
        @Override
        public int rank() {
            return 0;
        }

        @Override
        public int ranks() {
            return 2;
        }

        @Override
        public long generation() {
            return 0;
        }

        @Override
        public String address(int rank) {
            return "other:4711";
        }

        @Override
        public CompletableFuture<Void> push(int to, Tag tag, FlatBuffer payload) {
            return refusal.<CompletableFuture<Void>>map(CompletableFuture::failedFuture)
                    .orElseGet(CompletableFuture::new);
        }

        @Override
        public CompletableFuture<Void> receive(int from, Tag tag, FlatBuffer target) {
            return new CompletableFuture<>();
        }

        @Override
        public Optional<Tag> lastHeard(int rank) {
            return Optional.empty();
        }

        @Override
        public void close(String reason) {}
    }

    @Test
    void aClosedPortIsNamedAfterAShortWait() throws Exception {
        assertThat(ProbeTask.greetNeighbours(new Closed(Optional.empty()), SOON))
                .isEqualTo("cannot connect to rank 1 at other:4711: no connection within 0.1 s; open all ports between"
                        + " the hosts of executors: workers listen at any free one");
        assertThat(ProbeTask.greetNeighbours(new Closed(Optional.of(new IOException("Connection refused"))), SOON))
                .startsWith("cannot connect to rank 1 at other:4711: Connection refused; open all ports");
    }

    @Test
    void whatTheDriverDoesNotShareIsNotWrittenTo() {
        Path run = new Path(folder.resolve("run").toUri());
        assertThatThrownBy(() -> SharedFiles.requireShared(run, ".marker", 0, new Configuration()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("is not seen there: it is a folder of each host alone; name one for --run");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void aSharedFolderIsLeftAsItWas() throws IOException {
        Path run = new Path(folder.toUri());
        String marker = SharedFiles.leaveMarker(run, new Configuration());
        assertThatCode(() -> SharedFiles.requireShared(run, marker, 0, new Configuration()))
                .doesNotThrowAnyException();
        SharedFiles.removeMarker(run, marker, new Configuration());
        try (var left = Files.list(folder)) {
            assertThat(left.toList()).isEqualTo(List.of());
        }
    }

    @Test
    void aFileSystemThatHangsIsGivenUp() {
        assertThatThrownBy(() -> new Bounded(SOON).call(() -> {
                    Thread.sleep(60_000);
                    return "";
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("no answer within 0.1 s");
    }

    @Test
    void theReasonIsWhatHappenedFirst() {
        assertThat(ProbeTask.reason(new IllegalStateException("no library", new UnsatisfiedLinkError("libgomp.so.1"))))
                .isEqualTo("no library: libgomp.so.1");
        assertThat(ProbeTask.reason(new UserException("PYTORCH_FLAVOR is 'cu1'")))
                .isEqualTo("PYTORCH_FLAVOR is 'cu1'");
        assertThat(ProbeTask.reason(new IOException(new IOException("down")))).isEqualTo("java.io.IOException: down");
    }
}
