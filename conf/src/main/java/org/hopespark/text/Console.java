package org.hopespark.text;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;

/** A terminal's stream that shows what is {@link Printable} only, and no {@link Secrets}, whoever writes to it. */
public final class Console extends PrintStream {
    private final PrintStream terminal;

    private Console(PrintStream terminal, Charset encoding) {
        super(new Escaping(terminal, encoding), true, encoding);
        this.terminal = terminal;
    }

    /** Puts a console before standard output and standard error. */
    public static void install() {
        String name = System.getProperty("sun.stdout.encoding"); // known if standard output is a terminal
        Charset encoding = name == null ? Charset.defaultCharset() : Charset.forName(name);
        System.setOut(over(System.out, encoding));
        System.setErr(over(System.err, encoding));
    }

    /**
     * A console that writes to {@code terminal}.
     *
     * @param encoding of what is written to the console byte by byte; the terminal has its own
     */
    public static Console over(PrintStream terminal, Charset encoding) {
        return terminal instanceof Console console ? console : new Console(terminal, encoding);
    }

    /** Writes a line over the one before; {@code ESC [K} clears what a longer one has left. */
    public void rewrite(String line) {
        flush();
        terminal.print("\r" + Printable.of(line) + "\u001b[K");
        terminal.flush();
    }

    /** Takes bytes, gives printable characters. */
    private static final class Escaping extends OutputStream {
        private final PrintStream terminal;
        private final CharsetDecoder decoder;
        private final CharBuffer chars = CharBuffer.allocate(4096);
        private ByteBuffer rest = ByteBuffer.allocate(0);

        Escaping(PrintStream terminal, Charset encoding) {
            this.terminal = terminal;
            decoder = encoding.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE);
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            ByteBuffer all = ByteBuffer.allocate(rest.remaining() + length);
            all.put(rest).put(bytes, offset, length).flip();
            CoderResult result;
            do {
                result = decoder.decode(all, chars, false);
                terminal.print(Printable.of(Secrets.hidden(chars.flip().toString())));
                chars.clear();
            } while (result.isOverflow());
            rest = all; // the beginning of a character
        }

        @Override
        public void flush() {
            terminal.flush();
        }
    }
}
