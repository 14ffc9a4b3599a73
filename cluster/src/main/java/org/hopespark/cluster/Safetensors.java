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
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
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
        for (NamedTensor tensor : present(section)) {
            ObjectNode entry = header.putObject(nameInFile(tensor));
            entry.put("dtype", tensor.data().type().safetensors());
            entry.set(
                    "shape",
                    JSON.valueToTree(
                            tensor.isWhole()
                                    ? tensor.shape()
                                    : List.of(tensor.data().elements())));
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
        for (NamedTensor tensor : present(section)) {
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

    private static List<NamedTensor> present(StateSection section) {
        return section.tensors().stream()
                .filter(tensor -> tensor.data().elements() > 0)
                .toList();
    }

    /** A run of a tensor's elements is a vector with the run in its name: {@code up[4096:8192]}. */
    private static String nameInFile(NamedTensor tensor) {
        return tensor.name() + (tensor.isWhole() ? "" : "[" + tensor.from() + ":" + tensor.to() + "]");
    }

    /**
     * A tensor, or a run of its elements, as a header describes it.
     *
     * @param tensor its name
     * @param type such as {@code F32}
     * @param shape in the file
     * @param from first element in the tensor
     * @param to the element after the last
     */
    public record Entry(String tensor, String type, List<Long> shape, long from, long to, long bytes) {
        private static final Pattern RUN = Pattern.compile("(.*)\\[(\\d{1,18}):(\\d{1,18})]");

        public Entry {
            shape = List.copyOf(shape);
        }

        static Entry of(String name, String type, List<Long> shape, long bytes) throws IOException {
            long elements = shape.stream().reduce(1L, Math::multiplyExact);
            Matcher run = RUN.matcher(name);
            if (!run.matches()) {
                return new Entry(name, type, shape, 0, elements, bytes);
            }
            long from = Long.parseLong(run.group(2));
            long to = Long.parseLong(run.group(3));
            if (to - from != elements) {
                throw new IOException(name + " has " + elements + " elements");
            }
            return new Entry(run.group(1), type, shape, from, to, bytes);
        }

        /** Whether it is what the name says, of a tensor of this shape. */
        boolean fits(NamedTensor local) {
            ElementType elementType = local.data().type();
            long elements = local.shape().stream().reduce(1L, Math::multiplyExact);
            boolean whole = shape.equals(local.shape());
            return type.equals(elementType.safetensors())
                    && bytes == (to - from) * elementType.bytes()
                    && to <= elements
                    && (whole || (shape.size() == 1 && to - from < elements));
        }

        /** How many of its elements are among those of a tensor. */
        long overlap(NamedTensor local) {
            return Math.max(0, Math.min(to, local.to()) - Math.max(from, local.from()));
        }
    }

    /**
     * Reads the header and leaves the stream at the first element.
     *
     * @return tensors in the order of their elements
     */
    public static List<Entry> readHeader(InputStream in) throws IOException {
        byte[] length = in.readNBytes(Long.BYTES);
        long bytes = length.length < Long.BYTES
                ? -1
                : ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (bytes < 2 || bytes > LONGEST_HEADER_BYTES) {
            throw new IOException("not a safetensors file: a header of " + bytes + " bytes");
        }
        JsonNode header = JSON.readTree(in.readNBytes((int) bytes));
        List<Entry> entries = new ArrayList<>();
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
                entries.add(Entry.of(field.getKey(), entry.path("dtype").asText(), shape, to - from));
                expected = to;
            }
        }
        return entries;
    }

    /** What keeps an entry from belonging to a section; empty when nothing does. */
    static Optional<String> problem(Entry entry, Map<String, NamedTensor> section) {
        NamedTensor tensor = section.get(entry.tensor);
        if (tensor == null) {
            return Optional.of("tensor " + entry.tensor + " is unknown to the model");
        }
        return entry.fits(tensor)
                ? Optional.empty()
                : Optional.of("tensor " + entry.tensor + " is " + entry.type + entry.shape + ", the model has "
                        + tensor.data().type().safetensors() + tensor.shape());
    }

    /** What keeps the tensors of a file from being those of a section; empty when nothing does. */
    public static List<String> differences(List<Entry> entries, StateSection section) {
        Map<String, NamedTensor> tensors = byName(section);
        List<String> problems = new ArrayList<>();
        entries.forEach(entry -> problem(entry, tensors).ifPresent(problems::add));
        Set<String> found = entries.stream().map(Entry::tensor).collect(Collectors.toSet());
        tensors.keySet().stream()
                .filter(name -> !found.contains(name))
                .forEach(name -> problems.add("tensor " + name + " is missing"));
        return problems;
    }

    /**
     * Reads the elements that follow the header: those that the section has go into its buffers, the others are passed
     * over.
     */
    public static void readElements(InputStream in, List<Entry> entries, StateSection section) throws IOException {
        requireLittleEndian();
        Map<String, NamedTensor> tensors = byName(section);
        byte[] block = new byte[COPY_BYTES];
        for (Entry entry : entries) {
            NamedTensor tensor = tensors.get(entry.tensor);
            if (tensor == null) {
                throw new IOException("tensor " + entry.tensor + " is unknown to the model");
            }
            int width = tensor.data().type().bytes();
            long from = Math.max(entry.from, tensor.from());
            long count = entry.overlap(tensor);
            skip(in, entry, count == 0 ? entry.bytes : (from - entry.from) * width);
            if (count > 0) {
                FlatBuffer target = tensor.data().range(from - tensor.from(), from - tensor.from() + count);
                for (ByteBuffer slice : target.slices()) {
                    fill(in, entry, slice, block);
                }
                skip(in, entry, (entry.to - from - count) * width);
            }
        }
    }

    /** Reads, because whoever computes a digest of the stream must see all of it. */
    private static void skip(InputStream in, Entry entry, long bytes) throws IOException {
        byte[] block = new byte[(int) Math.min(COPY_BYTES, bytes)];
        for (long left = bytes; left > 0; ) {
            int count = in.readNBytes(block, 0, (int) Math.min(block.length, left));
            requireMore(entry, count);
            left -= count;
        }
    }

    private static void fill(InputStream in, Entry entry, ByteBuffer slice, byte[] block) throws IOException {
        for (int done = 0; done < slice.capacity(); ) {
            int count = in.readNBytes(block, 0, Math.min(block.length, slice.capacity() - done));
            requireMore(entry, count);
            slice.put(done, block, 0, count);
            done += count;
        }
    }

    private static void requireMore(Entry entry, int count) throws EOFException {
        if (count == 0) {
            throw new EOFException("the file ends inside tensor " + entry.tensor);
        }
    }

    static Map<String, NamedTensor> byName(StateSection section) {
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
