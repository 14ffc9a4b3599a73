package org.hopespark.jobs.progress;

import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.hopespark.text.Console;

/**
 * Training on one console line: rewritten in place on a terminal, a new line every five seconds in a log file. The time
 * left is judged by what the last steps have taken.
 */
public final class Progress implements AutoCloseable {
    private static final int BAR = 24;

    /** How lines are written. */
    enum Style {
        /** One line, written over. */
        IN_PLACE(100_000_000L),
        /** Line after line. */
        LINES(5_000_000_000L);

        private final long nanosBetween;

        Style(long nanosBetween) {
            this.nanosBetween = nanosBetween;
        }
    }

    private final PrintStream out;
    private final long total;
    private final Style style;
    private final LongSupplier nanoTime;
    private final TimeLeft timeLeft = new TimeLeft();
    private long lastTold;
    private String line = "";

    /** Shows progress towards step {@code total}. */
    @SuppressWarnings("SystemConsoleNull") // From Java 22 on it is never null; Spark 4 runs on 17 and 21.
    public Progress(PrintStream out, long total) {
        this(out, total, System.console() == null ? Style.LINES : Style.IN_PLACE, System::nanoTime);
    }

    Progress(PrintStream out, long total, Style style, LongSupplier nanoTime) {
        this.out = out;
        this.total = total;
        this.style = style;
        this.nanoTime = nanoTime;
        this.lastTold = nanoTime.getAsLong() - style.nanosBetween;
    }

    /** Tells of a step (from 1) that has ended after so many seconds; most calls print nothing. */
    public void update(long step, double loss, double tokensPerSecond, double seconds) {
        timeLeft.stepped(seconds);
        long now = nanoTime.getAsLong();
        line = describe(step, loss, tokensPerSecond);
        if (now - lastTold >= style.nanosBetween || step == total) {
            print();
            lastTold = now;
        }
    }

    /** Leaves the last state on the console and the cursor below it. */
    @Override
    public void close() {
        if (!line.isEmpty()) {
            print();
        }
        if (style == Style.IN_PLACE) {
            out.println();
        }
        out.flush();
    }

    private String describe(long step, double loss, double tokensPerSecond) {
        double done = Math.min(1.0, (double) step / total);
        int filled = (int) Math.floor(done * BAR);
        return String.format(
                Locale.ROOT,
                "[%s%s] %3d%%  step %d/%d  loss %.4f  %,.0f tokens/s  %s",
                "#".repeat(filled),
                ".".repeat(BAR - filled),
                (int) Math.floor(done * 100),
                step,
                total,
                loss,
                tokensPerSecond,
                step >= total ? "done" : "ETA " + Units.duration(timeLeft.seconds(total - step)));
    }

    private void print() {
        if (style == Style.IN_PLACE) {
            Console.over(out, Charset.defaultCharset()).rewrite(line);
        } else {
            out.println(line);
        }
        line = "";
    }
}
