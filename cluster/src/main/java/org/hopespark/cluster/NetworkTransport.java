package org.hopespark.cluster;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.hopespark.model.FlatBuffer;

/** A transport between JVMs: listens first, and learns later where the others are. */
public abstract class NetworkTransport implements Transport {
    /** This worker. */
    protected final Sender self;
    /** How a connection begins. */
    protected final Handshake handshake;
    /** Where the others' messages go. */
    protected final Inbox inbox;

    private volatile List<Member> members = List.of();
    private volatile Consumer<RuntimeException> beforeFailing = cause -> {};

    protected NetworkTransport(Sender self, GenerationKey key) {
        this.self = self;
        this.handshake = new Handshake(self, key);
        this.inbox = new Inbox(self.rank(), self.ranks());
    }

    /** Where the others reach this worker. */
    public abstract Member member();

    /** Learns where the others are; nothing can be sent before. */
    public void join(List<Member> all) {
        if (all.size() != ranks()) {
            throw new IllegalArgumentException(ranks() + " workers expected, got " + all);
        }
        members = List.copyOf(all);
    }

    /** Where another worker is. */
    protected Member member(int other) {
        return members.get(other);
    }

    /** Who is to know of a failure here before the other workers notice. */
    public void beforeFailing(Consumer<RuntimeException> listener) {
        beforeFailing = listener;
    }

    @Override
    public int rank() {
        return self.rank();
    }

    @Override
    public int ranks() {
        return self.ranks();
    }

    @Override
    public long generation() {
        return self.generation().number();
    }

    @Override
    public String address(int other) {
        return member(other).toString();
    }

    @Override
    public CompletableFuture<Void> receive(int from, Tag tag, FlatBuffer target) {
        return inbox.receive(from, tag, target);
    }

    @Override
    public Optional<Tag> lastHeard(int other) {
        return inbox.lastHeard(other);
    }

    @Override
    public void fail(RuntimeException cause) {
        beforeFailing.accept(cause);
        close(cause.toString());
    }
}
