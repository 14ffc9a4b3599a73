package org.hopespark.data.shard;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.hopespark.data.io.Json;
import org.hopespark.data.source.CorruptInputException;
import org.hopespark.data.source.InputPart;

/**
 * A row, a member or the rest of a file that could not be read.
 *
 * @param order what orders it among all: partition, source, part of the file, number in the part
 * @param json a line for whoever wants to look after it
 */
@SuppressWarnings("ArrayRecordComponent") // carried from maker to user, never compared
public record BadRow(byte[] order, byte[] json) implements PartRow {

    private record Line(String source, String place, String problem) {}

    /**
     * A bad row in its place.
     *
     * @param partition where it goes
     * @param number of the bad row in its part
     */
    static BadRow of(int partition, InputPart part, long number, CorruptInputException problem) {
        byte[] source = part.file().name().getBytes(StandardCharsets.UTF_8);
        byte[] order = ByteBuffer.allocate(Integer.BYTES + source.length + 1 + Integer.BYTES + Long.BYTES)
                .putInt(partition)
                .put(source)
                .put((byte) 0)
                .putInt(part.index())
                .putLong(number)
                .array();
        return new BadRow(order, Json.write(new Line(part.file().name(), problem.place(), problem.problem())));
    }

    @Override
    public byte[] toBytes(IdType type) {
        return json;
    }
}
