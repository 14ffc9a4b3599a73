package org.hopespark.cluster;

import static java.util.Map.entry;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
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
import java.util.Comparator;
import java.util.HashSet;
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

    /** Bits of an element, of every type that the format knows. */
    private static final Map<String, Integer> BITS = Map.ofEntries(
            entry("BOOL", 8),
            entry("F4", 4),
            entry("F6_E2M3", 6),
            entry("F6_E3M2", 6),
            entry("U8", 8),
            entry("I8", 8),
            entry("F8_E5M2", 8),
            entry("F8_E4M3", 8),
            entry("F8_E8M0", 8),
            entry("I16", 16),
            entry("U16", 16),
            entry("F16", 16),
            entry("BF16", 16),
            entry("I32", 32),
            entry("U32", 32),
            entry("F32", 32),
            entry("C64", 64),
            entry("F64", 64),
            entry("I64", 64),
            entry("U64", 64));

    private Safetensors() {}

    /** Writes a section as one file, with texts about it; leaves the stream open. */
    public static void write(StateSection section, Map<String, String> metadata, OutputStream out) throws IOException {
        requireLittleEndian();
        Header header = new Header(metadata);
        for (NamedTensor tensor : present(section)) {
            FlatBuffer data = tensor.data();
            List<Long> shape = tensor.isWhole() ? tensor.shape() : List.of(data.elements());
            header.add(nameInFile(tensor), data.type().safetensors(), shape, data.bytes());
        }
        header.write(out);
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

    /**
     * Writes the header of a file of float32 tensors, whose elements are to follow in this order; leaves the stream
     * open.
     */
    public static void writeFloatHeader(Map<String, List<Long>> shapes, Map<String, String> metadata, OutputStream out)
            throws IOException {
        Header header = new Header(metadata);
        shapes.forEach((name, shape) -> {
            long elements = shape.stream().reduce(1L, Math::multiplyExact);
            header.add(name, ElementType.FLOAT32.safetensors(), shape, elements * ElementType.FLOAT32.bytes());
        });
        header.write(out);
    }

    private static final class Header {
        private final ObjectNode json = JSON.createObjectNode();
        private long offset;

        Header(Map<String, String> metadata) {
            // sorted: the order of an immutable map differs from one JVM to the next, and equal states are to have
            // equal bytes
            json.set(METADATA, JSON.valueToTree(new TreeMap<>(metadata)));
        }

        void add(String name, String type, List<Long> shape, long bytes) {
            ObjectNode entry = json.putObject(name).put("dtype", type);
            entry.set("shape", JSON.valueToTree(shape));
            entry.putArray("data_offsets").add(offset).add(offset + bytes);
            offset += bytes;
        }

        void write(OutputStream out) throws IOException {
            byte[] text = JSON.writeValueAsBytes(json);
            // spaces up to a multiple of eight, so that the elements of a mapped file are aligned
            byte[] padding = " ".repeat(-text.length & 7).getBytes(StandardCharsets.US_ASCII);
            out.write(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(text.length + padding.length)
                    .array());
            out.write(text);
            out.write(padding);
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
            long elements = shape.stream().reduce(1L, (a, b) -> a * b); // fits: its bits do
            Matcher run = RUN.matcher(name);
            if (!run.matches()) {
                return new Entry(name, type, shape, 0, elements, bytes);
            }
            long from = Long.parseLong(run.group(2));
            long to = Long.parseLong(run.group(3));
            if (to - from != elements) {
                throw new IOException("tensor " + name + " has " + elements + " elements");
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
     * Reads the header and leaves the stream at the first element. A header is refused as the reference implementation
     * refuses it (huggingface/safetensors, {@code tensor.rs}), and besides one that has a name twice, of which the
     * format says that it is not allowed.
     *
     * @param file its name, for messages
     * @return tensors in the order of their elements
     * @throws IOException that names the file and what is wrong in it
     */
    public static List<Entry> readHeader(InputStream in, String file) throws IOException {
        byte[] length = in.readNBytes(Long.BYTES);
        if (length.length < Long.BYTES) {
            throw notSafetensors(file, "it has " + length.length + " bytes");
        }
        long bytes = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (bytes < 2 || bytes > LONGEST_HEADER_BYTES) {
            throw notSafetensors(
                    file,
                    "a header of " + Long.toUnsignedString(bytes) + " bytes, 2 to " + LONGEST_HEADER_BYTES
                            + " are allowed");
        }
        byte[] json = in.readNBytes((int) bytes);
        if (json.length < bytes) {
            throw notSafetensors(file, "it ends after " + json.length + " of the " + bytes + " bytes of its header");
        }
        if (json[0] != '{') {
            throw notSafetensors(file, "its header does not begin with {");
        }
        List<Place> places;
        try (JsonParser parser = JSON.createParser(json)) {
            places = places(parser);
        } catch (JacksonException e) {
            throw new IOException(file + ": the header is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
        List<Entry> entries = new ArrayList<>(places.size());
        long expected = 0;
        for (Place place : places) {
            try {
                entries.add(place.entry(expected));
            } catch (IOException e) {
                throw new IOException(file + ": " + e.getMessage(), e);
            }
            expected = place.to;
        }
        return entries;
    }

    private static IOException notSafetensors(String file, String why) {
        return new IOException(file + " is not a safetensors file: " + why);
    }

    /** What a header says of a tensor; nothing is known to be true yet. */
    private record Place(String name, String type, List<Long> shape, long from, long to) {
        Entry entry(long expected) throws IOException {
            Integer bits = BITS.get(type);
            if (bits == null) {
                throw new IOException("tensor " + name + " is of the unknown dtype " + type);
            }
            if (from != expected || to < from) {
                throw new IOException(
                        "tensor " + name + " lies at " + from + ".." + to + ", expected to start at " + expected);
            }
            long size;
            try {
                size = shape.stream().reduce((long) bits, Math::multiplyExact);
            } catch (ArithmeticException e) {
                throw new IOException("tensor " + name + " of shape " + shape + " has more than 2^63 bits", e);
            }
            if (size % Byte.SIZE != 0 || size / Byte.SIZE != to - from) {
                throw new IOException("tensor " + name + ", " + type + " of shape " + shape + ", has " + size
                        + " bits, and " + (to - from) + " bytes in the file");
            }
            return Entry.of(name, type, shape, to - from);
        }
    }

    /** Reads event by event: as a tree, the longest header would take a hundred times its size. */
    private static List<Place> places(JsonParser parser) throws IOException {
        List<Place> places = new ArrayList<>();
        Set<String> names = new HashSet<>();
        require(parser.nextToken() == JsonToken.START_OBJECT, "the header is no object");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            require(names.add(name), name + " is there twice");
            require(parser.nextToken() == JsonToken.START_OBJECT, name + " is no object");
            if (name.equals(METADATA)) {
                skipMetadata(parser);
            } else {
                places.add(place(name, parser));
            }
        }
        require(parser.nextToken() == null, "there is more behind the header's object");
        places.sort(Comparator.comparingLong(Place::from).thenComparingLong(Place::to));
        return places;
    }

    private static void skipMetadata(JsonParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            require(parser.nextToken() == JsonToken.VALUE_STRING, METADATA + "." + key + " is no text");
        }
    }

    private static Place place(String name, JsonParser parser) throws IOException {
        Optional<String> type = Optional.empty();
        Optional<List<Long>> shape = Optional.empty();
        Optional<List<Long>> offsets = Optional.empty();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (key) {
                case "dtype" -> {
                    require(type.isEmpty() && value == JsonToken.VALUE_STRING, name + " must have one dtype, a text");
                    type = Optional.of(parser.getText());
                }
                case "shape" -> {
                    require(shape.isEmpty(), name + " has two shapes");
                    shape = Optional.of(naturals(name + ".shape", parser));
                }
                case "data_offsets" -> {
                    require(offsets.isEmpty(), name + " has data_offsets twice");
                    offsets = Optional.of(naturals(name + ".data_offsets", parser));
                }
                default -> throw new IOException(name + " has the unknown field " + key);
            }
        }
        require(type.isPresent() && shape.isPresent(), name + " must have dtype and shape");
        require(offsets.isPresent() && offsets.get().size() == 2, name + " must have two data_offsets");
        return new Place(
                name,
                type.orElseThrow(),
                shape.orElseThrow(),
                offsets.get().get(0),
                offsets.get().get(1));
    }

    private static List<Long> naturals(String name, JsonParser parser) throws IOException {
        require(parser.currentToken() == JsonToken.START_ARRAY, name + " is no list");
        List<Long> numbers = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            boolean whole = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                    && parser.getLongValue() >= 0;
            require(whole, name + " must hold whole numbers from 0 to 2^63 - 1");
            numbers.add(parser.getLongValue());
        }
        return numbers;
    }

    private static void require(boolean condition, String otherwise) throws IOException {
        if (!condition) {
            throw new IOException(otherwise);
        }
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
     * Reads the elements that follow the header, up to the end of the file: those that the section has go into its
     * buffers, the others are passed over.
     *
     * @param file its name, for messages
     * @throws IOException if the file ends early, or has bytes after the last element
     */
    public static void readElements(InputStream in, String file, List<Entry> entries, StateSection section)
            throws IOException {
        requireLittleEndian();
        Map<String, NamedTensor> tensors = byName(section);
        byte[] block = new byte[COPY_BYTES];
        for (Entry entry : entries) {
            NamedTensor tensor = tensors.get(entry.tensor);
            if (tensor == null) {
                throw new IOException(file + ": tensor " + entry.tensor + " is unknown to the model");
            }
            int width = tensor.data().type().bytes();
            long from = Math.max(entry.from, tensor.from());
            long count = entry.overlap(tensor);
            skip(in, file, entry, count == 0 ? entry.bytes : (from - entry.from) * width);
            if (count > 0) {
                FlatBuffer target = tensor.data().range(from - tensor.from(), from - tensor.from() + count);
                for (ByteBuffer slice : target.slices()) {
                    fill(in, file, entry, slice, block);
                }
                skip(in, file, entry, (entry.to - from - count) * width);
            }
        }
        if (in.read() >= 0) {
            throw new IOException(file + " has bytes after its last tensor");
        }
    }

    /** Reads, because whoever computes a digest of the stream must see all of it. */
    private static void skip(InputStream in, String file, Entry entry, long bytes) throws IOException {
        byte[] block = new byte[(int) Math.min(COPY_BYTES, bytes)];
        for (long left = bytes; left > 0; ) {
            int count = in.readNBytes(block, 0, (int) Math.min(block.length, left));
            requireMore(file, entry, count);
            left -= count;
        }
    }

    private static void fill(InputStream in, String file, Entry entry, ByteBuffer slice, byte[] block)
            throws IOException {
        for (int done = 0; done < slice.capacity(); ) {
            int count = in.readNBytes(block, 0, Math.min(block.length, slice.capacity() - done));
            requireMore(file, entry, count);
            slice.put(done, block, 0, count);
            done += count;
        }
    }

    private static void requireMore(String file, Entry entry, int count) throws EOFException {
        if (count == 0) {
            throw new EOFException(file + " ends inside tensor " + entry.tensor);
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
