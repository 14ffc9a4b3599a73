package org.hopespark.jobs.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.jobs.run.RunEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TensorBoardLogTest {
    private static final int CRC_32C = 0x82F63B78;

    @TempDir
    private Path folder;

    private Instant now = Instant.ofEpochMilli(1_700_000_000_250L);
    private final InstantSource clock = () -> now;

    @Test
    void aReaderOfTheFormatFindsEveryScalarAndWhereAnAttemptBeganAnew() throws Exception {
        try (TensorBoardLog log = new TensorBoardLog(folder.toString(), new Configuration(), clock)) {
            log.add(step(1, 300, 2.5));
            log.add(new RunEvent.TaskScored(300, "piqa", "acc", 0.5, 0.1, 9, 0.5, Optional.empty(), 1));
            log.add(new RunEvent.Warning(300, "x"));
            log.add(step(2, 257, 2.75));
        }
        now = now.plusSeconds(60);
        try (TensorBoardLog log = new TensorBoardLog(folder.toString(), new Configuration(), clock)) {
            log.add(step(1, 301, 2.25));
        }

        List<Path> files = files();
        assertThat(files).hasSize(2);
        assertThat(files.get(0)).hasFileName("events.out.tfevents.1700000000.hope-250");
        String wall = "1: 1.70000000025E9, ";
        assertThat(records(files.get(0)))
                .containsExactly(
                        wall + "3: brain.Event:2",
                        wall + "2: 300, session start",
                        wall + "2: 300, run/loss=2.5, run/tokens-per-second=80.0, run/learning-rate=0.5,"
                                + " run/seconds=0.25, level-2/gradient-norm=1.5, level-2/bytes-sent=600.0",
                        wall + "2: 300, piqa/acc=0.5",
                        wall + "2: 257, session start",
                        wall + "2: 257, run/loss=2.75, run/tokens-per-second=80.0, run/learning-rate=0.5,"
                                + " run/seconds=0.25, level-2/gradient-norm=1.5, level-2/bytes-sent=600.0");
        assertThat(records(files.get(1))).hasSize(3).element(1).asString().endsWith("2: 301, session start");
    }

    @Test
    void whatWasAddedSomeSecondsAgoCanBeReadWhileTheRunGoesOn() throws Exception {
        try (TensorBoardLog log = new TensorBoardLog(folder.toString(), new Configuration(), clock)) {
            log.add(step(1, 1, 3));
            now = now.plusSeconds(6);
            log.add(step(1, 2, 2));
            assertThat(records(files().get(0))).hasSize(4);
        }
    }

    private List<Path> files() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private static RunEvent step(long attempt, long step, double loss) {
        return new RunEvent.StepDone(
                attempt,
                step,
                loss,
                20,
                0.25,
                80,
                0.5,
                1,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                List.of(new RunEvent.LevelDone(2, 600, 600, 1, 0.1, 1.5)),
                Optional.empty());
    }

    /** Every record as text, its two checksums compared with one computed bit by bit. */
    private static List<String> records(Path file) throws Exception {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<String> records = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] length = new byte[8];
            in.get(length);
            assertThat(in.getInt()).isEqualTo(maskedCrc(length));
            byte[] event = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            in.get(event);
            assertThat(in.getInt()).isEqualTo(maskedCrc(event));
            records.add(event(ByteBuffer.wrap(event).order(ByteOrder.LITTLE_ENDIAN)));
        }
        return records;
    }

    private static String event(ByteBuffer in) {
        List<String> fields = new ArrayList<>();
        while (in.hasRemaining()) {
            int key = in.get();
            switch (key) {
                case 1 << 3 | 1 -> fields.add("1: " + in.getDouble());
                case 2 << 3 -> fields.add("2: " + varint(in));
                case 3 << 3 | 2 -> fields.add("3: " + text(in));
                case 5 << 3 | 2 -> summary(part(in), fields);
                case 7 << 3 | 2 -> {
                    assertThat(part(in).getShort()).as("status START").isEqualTo((short) (1 << 8 | 1 << 3));
                    fields.add("session start");
                }
                default -> throw new AssertionError("unknown key " + key);
            }
        }
        return String.join(", ", fields);
    }

    private static void summary(ByteBuffer in, List<String> fields) {
        while (in.hasRemaining()) {
            assertThat(in.get()).isEqualTo((byte) (1 << 3 | 2));
            ByteBuffer value = part(in);
            assertThat(value.get()).isEqualTo((byte) (1 << 3 | 2));
            String tag = text(value);
            assertThat(value.get()).isEqualTo((byte) (2 << 3 | 5));
            fields.add(tag + "=" + value.getFloat());
            assertThat(value.hasRemaining()).isFalse();
        }
    }

    private static ByteBuffer part(ByteBuffer in) {
        int length = (int) varint(in);
        ByteBuffer part = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + length);
        return part;
    }

    private static String text(ByteBuffer in) {
        return StandardCharsets.UTF_8.decode(part(in)).toString();
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static int maskedCrc(byte[] bytes) {
        int crc = -1;
        for (byte one : bytes) {
            crc ^= one & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc >>> 1) ^ (CRC_32C & -(crc & 1));
            }
        }
        crc = ~crc;
        return (crc >>> 15 | crc << 17) + 0xa282ead8;
    }
}
