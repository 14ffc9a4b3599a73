package org.hopespark.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.StateSection;

/**
 * The safetensors format: the header's length as a little-endian u64, a JSON header with type, shape and place of every
 * tensor, then the tensors' elements, little-endian, without gaps.
 */
public final class Safetensors {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int COPY_BYTES = 1 << 20;
    /** The limit of the reference implementation. */
    private static final long LONGEST_HEADER_BYTES = 100_000_000;

    private static final String METADATA = "__metadata__";

    private Safetensors() {}

    /** Writes a section as one file, with texts about it; leaves the stream open. */
    public static void write(StateSection section, Map<String, String> metadata, OutputStream out) throws IOException {
        requireLittleEndian();
        ObjectNode header = JSON.createObjectNode();
        // sorted: the order of an immutable map differs from one JVM to the next, and equal states are to have equal
        // bytes
        header.set(METADATA, JSON.valueToTree(new TreeMap<>(metadata)));
        long offset = 0;
        for (NamedTensor tensor : section.tensors()) {
            ObjectNode entry = header.putObject(tensor.name());
            entry.put("dtype", tensor.data().type().safetensors());
            entry.set("shape", JSON.valueToTree(tensor.shape()));
            entry.putArray("data_offsets")
                    .add(offset)
                    .add(offset + tensor.data().bytes());
            offset += tensor.data().bytes();
        }
        byte[] json = JSON.writeValueAsBytes(header);
        // spaces up to a multiple of eight, so that the elements of a mapped file are aligned
        byte[] padding = " ".repeat(-json.length & 7).getBytes(StandardCharsets.US_ASCII);
        out.write(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length + padding.length)
                .array());
        out.write(json);
        out.write(padding);
        byte[] block = new byte[COPY_BYTES];
        for (NamedTensor tensor : section.tensors()) {
            for (ByteBuffer slice : tensor.data().slices()) {
                for (int done = 0; done < slice.capacity(); ) {
                    int count = Math.min(block.length, slice.capacity() - done);
                    slice.get(done, block, 0, count);
                    out.write(block, 0, count);
                    done += count;
                }
            }
        }
    }

    /**
     * A tensor as a header describes it.
     *
     * @param type such as {@code F32}
     */
    public record Entry(String type, List<Long> shape, long bytes) {
        public Entry {
            shape = List.copyOf(shape);
        }
    }

    /**
     * Reads the header and leaves the stream at the first element.
     *
     * @return tensors in the order of their elements
     */
    public static Map<String, Entry> readHeader(InputStream in) throws IOException {
        byte[] length = in.readNBytes(Long.BYTES);
        long bytes = length.length < Long.BYTES
                ? -1
                : ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (bytes < 2 || bytes > LONGEST_HEADER_BYTES) {
            throw new IOException("not a safetensors file: a header of " + bytes + " bytes");
        }
        JsonNode header = JSON.readTree(in.readNBytes((int) bytes));
        Map<String, Entry> entries = new LinkedHashMap<>();
        long expected = 0;
        for (Map.Entry<String, JsonNode> field : header.properties()) {
            if (!field.getKey().equals(METADATA)) {
                JsonNode entry = field.getValue();
                List<Long> shape = new ArrayList<>();
                entry.path("shape").forEach(axis -> shape.add(axis.longValue()));
                long from = entry.path("data_offsets").path(0).asLong(-1);
                long to = entry.path("data_offsets").path(1).asLong(-1);
                if (from != expected || to < from) {
                    throw new IOException(
                            field.getKey() + " lies at " + from + ".." + to + ", expected to start at " + expected);
                }
                entries.put(field.getKey(), new Entry(entry.path("dtype").asText(), shape, to - from));
                expected = to;
            }
        }
        return entries;
    }

    /** What keeps the tensors of a file from being those of a section; empty when nothing does. */
    public static List<String> differences(Map<String, Entry> entries, StateSection section) {
        List<String> problems = new ArrayList<>();
        Map<String, NamedTensor> expected = byName(section);
        expected.forEach((name, tensor) -> {
            Entry found = entries.get(name);
            if (found == null) {
                problems.add("tensor " + name + " is missing");
                return;
            }
            String type = tensor.data().type().safetensors();
            if (!found.type.equals(type)
                    || !found.shape.equals(tensor.shape())
                    || found.bytes != tensor.data().bytes()) {
                problems.add("tensor " + name + " is " + found.type + found.shape + ", the model has " + type
                        + tensor.shape());
            }
        });
        entries.keySet().stream()
                .filter(name -> !expected.containsKey(name))
                .forEach(name -> problems.add("tensor " + name + " is unknown to the model"));
        return problems;
    }

    /** Reads the elements that follow the header into the section's buffers. */
    public static void readElements(InputStream in, Map<String, Entry> entries, StateSection section)
            throws IOException {
        requireLittleEndian();
        Map<String, NamedTensor> tensors = byName(section);
        byte[] block = new byte[COPY_BYTES];
        for (String name : entries.keySet()) {
            NamedTensor tensor = tensors.get(name);
            if (tensor == null) {
                throw new IOException("tensor " + name + " is unknown to the model");
            }
            for (ByteBuffer slice : tensor.data().slices()) {
                for (int done = 0; done < slice.capacity(); ) {
                    int count = in.readNBytes(block, 0, Math.min(block.length, slice.capacity() - done));
                    if (count == 0) {
                        throw new EOFException("the file ends inside tensor " + name);
                    }
                    slice.put(done, block, 0, count);
                    done += count;
                }
            }
        }
    }

    private static Map<String, NamedTensor> byName(StateSection section) {
        Map<String, NamedTensor> tensors = new LinkedHashMap<>();
        section.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
        return tensors;
    }

    private static void requireLittleEndian() {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new UnsupportedOperationException("checkpoints are little-endian, and this machine is not");
        }
    }
}
