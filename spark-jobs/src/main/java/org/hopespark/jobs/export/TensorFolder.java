package org.hopespark.jobs.export;

import ai.djl.util.Float16Utils;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.hopespark.cluster.Safetensors;
import org.hopespark.conf.UserException;

/**
 * The tensors of a folder in Hugging Face's layout: {@code model.safetensors}, or several files and
 * {@code model.safetensors.index.json}, which says in which of them each tensor lies.
 */
final class TensorFolder implements Closeable {
    static final String ONE_FILE = ModelExport.TENSORS;
    static final String INDEX = ONE_FILE + ".index.json";

    private static final Map<String, Integer> BYTES = Map.of("F32", 4, "F16", 2, "BF16", 2);

    private final Map<String, Stored> tensors = new LinkedHashMap<>();
    private final List<FSDataInputStream> files = new ArrayList<>();

    /** A tensor, and where its first element lies. */
    private record Stored(FSDataInputStream file, String name, Safetensors.Entry entry, long start) {}

    private TensorFolder() {}

    /**
     * Opens a folder and reads what its files say of their tensors.
     *
     * @throws UserException if a file is missing or damaged, or the index and the files differ
     */
    static TensorFolder open(Path folder, Configuration hadoop) {
        TensorFolder result = new TensorFolder();
        try {
            FileSystem system = folder.getFileSystem(hadoop);
            Path index = new Path(folder, INDEX);
            if (system.exists(index)) {
                result.readIndexed(system, index);
            } else {
                result.read(system, new Path(folder, ONE_FILE));
            }
            return result;
        } catch (IOException e) {
            result.close();
            throw new UserException(
                    folder + " cannot be read (" + e.getMessage() + "): it must hold " + ONE_FILE + ", or " + INDEX
                            + " and the files that this names",
                    e);
        } catch (UserException e) {
            result.close();
            throw e;
        }
    }

    private void readIndexed(FileSystem system, Path index) throws IOException {
        Map<String, String> fileOf = new LinkedHashMap<>();
        try (FSDataInputStream in = system.open(index)) {
            JsonNode map = new ObjectMapper().readTree(in.readAllBytes()).path("weight_map");
            for (Map.Entry<String, JsonNode> entry : map.properties()) {
                fileOf.put(entry.getKey(), entry.getValue().asText());
            }
        }
        List<String> problems = new ArrayList<>();
        for (String file : new TreeSet<>(fileOf.values())) {
            if (!new Path(file).getName().equals(file)) {
                throw new UserException(index + " names '" + file + "', which is no file beside it");
            }
            read(system, new Path(index.getParent(), file));
        }
        fileOf.forEach((tensor, file) -> {
            Stored stored = tensors.get(tensor);
            if (stored == null || !stored.name.equals(file)) {
                problems.add("tensor " + tensor + " is not in " + file);
            }
        });
        if (!problems.isEmpty()) {
            throw UserException.of(index + " does not fit its files", problems);
        }
    }

    private void read(FileSystem system, Path path) throws IOException {
        FSDataInputStream file = system.open(path);
        files.add(file);
        List<Safetensors.Entry> entries = Safetensors.readHeader(file, path.getName());
        long start = file.getPos();
        for (Safetensors.Entry entry : entries) {
            if (tensors.put(entry.tensor(), new Stored(file, path.getName(), entry, start)) != null) {
                throw new IOException("tensor " + entry.tensor() + " is in several files");
            }
            start += entry.bytes();
        }
        long length = system.getFileStatus(path).getLen();
        if (length != start) {
            throw new IOException(path.getName() + " has " + length + " bytes, its header says " + start);
        }
    }

    /** Names of all tensors. */
    List<String> names() {
        return List.copyOf(tensors.keySet());
    }

    /** What keeps a tensor from being read as a matrix or vector of this shape; empty when nothing does. */
    Optional<String> problem(String name, List<Long> shape) {
        Stored stored = tensors.get(name);
        if (stored == null) {
            return Optional.of("tensor " + name + " " + shape + " is missing");
        }
        if (!stored.entry.shape().equals(shape)) {
            return Optional.of("tensor " + name + " has the shape " + stored.entry.shape() + ", expected " + shape);
        }
        return BYTES.containsKey(stored.entry.type())
                ? Optional.empty()
                : Optional.of("tensor " + name + " is of the type " + stored.entry.type()
                        + ", only F32, F16 and BF16 can be imported");
    }

    /** Elements {@code from} to {@code to} of a tensor, in row-major order. */
    float[] read(String name, long from, long to) throws IOException {
        Stored stored = Optional.ofNullable(tensors.get(name)).orElseThrow();
        String type = stored.entry.type();
        int width = Optional.ofNullable(BYTES.get(type)).orElseThrow();
        byte[] bytes = new byte[Math.multiplyExact(Math.toIntExact(to - from), width)];
        stored.file.readFully(stored.start + from * width, bytes);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        float[] result = new float[(int) (to - from)];
        for (int i = 0; i < result.length; i++) {
            result[i] = switch (type) {
                case "F32" -> buffer.getFloat();
                case "F16" -> Float16Utils.halfToFloat(buffer.getShort());
                default -> Float.intBitsToFloat(buffer.getShort() << Short.SIZE); // the upper half of a float
            };
        }
        return result;
    }

    @Override
    public void close() {
        for (FSDataInputStream file : files) {
            org.apache.hadoop.io.IOUtils.closeStream(file);
        }
    }
}
