package org.hopespark.cluster.nio;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** A thread that waits for channels to become ready. Nobody interrupts it: that would close the channel in use. */
final class Loop {
    private static final Logger LOG = LogManager.getLogger(Loop.class);
    private static final Duration TICK = Duration.ofSeconds(1);

    private final Selector selector;
    private final Queue<Runnable> actions = new ConcurrentLinkedQueue<>();
    private volatile boolean ended;

    /** One channel's end of the loop. Calls come from the loop's thread. */
    interface Handler {

        /** The channel can be read, written or accepted from. */
        void ready(SelectionKey key) throws IOException;

        /** Time goes by. */
        default void tick() throws IOException {}

        /** The channel is of no use any more; closes it. */
        void broke(Throwable cause);
    }

    Loop(String name) throws IOException {
        selector = Selector.open();
        Thread thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Calls the handler when the channel is ready for one of {@code operations}. */
    SelectionKey add(SelectableChannel channel, int operations, Handler handler) throws ClosedChannelException {
        try {
            SelectionKey key = channel.register(selector, operations, handler);
            selector.wakeup();
            return key;
        } catch (ClosedSelectorException over) {
            throw new ClosedChannelException();
        }
    }

    /** Changes what is waited for. */
    void want(SelectionKey key, int operations) {
        key.interestOps(operations);
        selector.wakeup();
    }

    /** Runs an action on the thread, once it has dealt with what is ready now. */
    void execute(Runnable action) {
        actions.add(action);
        selector.wakeup();
    }

    /** Ends the thread, which closes all channels. */
    void end() {
        ended = true;
        selector.wakeup();
    }

    private void run() {
        long ticked = System.nanoTime();
        try (selector) {
            while (!ended) {
                selector.select(key -> call(key, handler -> handler.ready(key)), TICK.toMillis());
                for (Runnable action = actions.poll(); action != null; action = actions.poll()) {
                    action.run();
                }
                if (System.nanoTime() - ticked > TICK.toNanos()) {
                    ticked = System.nanoTime();
                    selector.keys().forEach(key -> call(key, Handler::tick));
                }
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Call {
        void on(Handler handler) throws IOException;
    }

    private static void call(SelectionKey key, Call call) {
        Handler handler = (Handler) key.attachment();
        try {
            if (key.isValid()) {
                call.on(handler);
            }
        } catch (Throwable cause) {
            // one peer's trouble, an error of memory included, must not end the thread that serves all of them
            LOG.debug("{}: {}", key.channel(), cause.toString());
            handler.broke(cause);
        }
    }
}
