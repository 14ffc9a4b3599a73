package org.hopespark.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PrintableTest {
    private static final String HOSTILE = "a\u001b[2Jb\u0000c\rd\u007fe\u009b1mf\u202eg\u2066h\u200fi\u2028j\ud800k";
    private static final String SHOWN =
            "a\\u001b[2Jb\\u0000c\\u000dd\\u007fe\\u009b1mf\\u202eg\\u2066h\\u200fi\\u2028j\\ud800k";

    private final ByteArrayOutputStream terminal = new ByteArrayOutputStream();

    @Test
    void whatActsIsShownAndWhatIsReadStays() {
        assertThat(Printable.of(HOSTILE)).isEqualTo(SHOWN);
        assertThat(Printable.of("\udc00\ud83d\ude00\ud83d")).isEqualTo("\\udc00\ud83d\ude00\\ud83d");
        String text = "one\n\ttwo \u00e9 \u05d0 \u0645 \u0e01 \u4e2d \ud83d\ude00 \u00a0 \u0301 \u200d";
        assertThat(Printable.of(text)).isSameAs(text);
        for (char c = 0; c < 0xA0; c++) {
            boolean shown = Printable.of("" + c).length() > 1;
            assertThat(shown).as("U+%04x", (int) c).isEqualTo(Character.isISOControl(c) && c != '\n' && c != '\t');
        }
    }

    @Test
    void everyWayToPrintPassesTheConsole() {
        Console console = console(StandardCharsets.UTF_8);
        console.print("1\u001b");
        console.println("2\u001b");
        console.printf("3%s%n", "\u001b");
        console.append("4\u001b").append('\u001b');
        console.write('5');
        console.write(0x1b);
        console.write("6\u001b".getBytes(StandardCharsets.UTF_8), 0, 2);
        console.print(new char[] {'7', 0x1b});
        console.print('\u202e');
        console.flush();
        assertThat(terminal.toString(StandardCharsets.UTF_8))
                .isEqualTo("1\\u001b2\\u001b\n3\\u001b\n4\\u001b\\u001b5\\u001b6\\u001b7\\u001b\\u202e");
    }

    @Test
    void aCharacterMayComeByteByByteAndALineMayBeLong() {
        Console console = console(StandardCharsets.UTF_8);
        String text = "\u00e9\ud83d\ude00\u202e".repeat(3000);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            console.write(b);
        }
        console.print(text);
        console.write(0xff);
        console.println();
        assertThat(terminal.toString(StandardCharsets.UTF_8))
                .isEqualTo("\u00e9\ud83d\ude00\\u202e".repeat(6000) + "\ufffd\n");
    }

    @Test
    void theTerminalKeepsItsEncodingAndALineCanBeWrittenOver() {
        Console console = console(StandardCharsets.ISO_8859_1);
        console.print("\u00e9\u009b");
        console.rewrite("50 %\r\u001b[2J");
        assertThat(terminal.toString(StandardCharsets.ISO_8859_1))
                .isEqualTo("\u00e9\\u009b\r50 %\\u000d\\u001b[2J\u001b[K");
        assertThat(Console.over(console, StandardCharsets.UTF_8)).isSameAs(console);
    }

    private Console console(Charset charset) {
        return Console.over(new PrintStream(terminal, false, charset), StandardCharsets.UTF_8);
    }
}
