package org.hopespark.files;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file of lines that grows. Where nothing can be appended to a file, as in object stores, it is a folder of the same
 * name with {@code .segments} behind it, whose numbered files are read as one: a new one whenever {@link #sync} is
 * called, and with the first line that comes a minute after that. What has come since then dies with its writer.
 */
public final class LineLog implements AutoCloseable {
    private static final String SEGMENTS = ".segments";
    private static final Pattern SEGMENT = Pattern.compile("\\d{8}");
    private static final long NANOS_A_SEGMENT = 60_000_000_000L;

    private final FileSystem files;
    private final Path path;
    private final @Nullable FSDataOutputStream growing;
    private final ByteArrayOutputStream segment = new ByteArrayOutputStream();
    private long number;
    private long begunNanos = System.nanoTime();

    /**
     * Opens a log for more lines.
     *
     * @param isWhole distinguishes a line from what its writer or the disk has left of one when it died, which is
     *     removed
     */
    public LineLog(FileSystem files, Path path, Predicate<String> isWhole) throws IOException {
        this.files = files;
        this.path = path;
        WholeFile.makeFolder(files, path.getParent());
        if (WholeFile.isObjectStore(files, path)) {
            growing = null;
            number = segments(files, path).stream()
                    .mapToLong(each -> Long.parseLong(each.getName()))
                    .max()
                    .orElse(0);
        } else {
            removeCutLines(isWhole);
            growing = files.append(path);
        }
    }

    /** Also one that lacks no more than its end, to which the next one would be added. */
    private void removeCutLines(Predicate<String> isWhole) throws IOException {
        StringBuilder lines = new StringBuilder();
        boolean exists = files.exists(path);
        if (exists) {
            read(files, path, line -> {
                if (isWhole.test(line)) {
                    lines.append(line).append('\n');
                }
            });
        }
        byte[] whole = lines.toString().getBytes(StandardCharsets.UTF_8);
        if (!exists || whole.length != files.getFileStatus(path).getLen()) {
            WholeFile.write(files, path, whole);
        }
    }

    /** Adds a line; others see it at once, or in an object store with its segment. */
    public void add(String line) throws IOException {
        OutputStream out = growing == null ? segment : growing;
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        if (growing != null) {
            growing.hflush();
        } else if (System.nanoTime() - begunNanos > NANOS_A_SEGMENT) {
            sync();
        }
    }

    /** Makes all lines safe. */
    public void sync() throws IOException {
        if (growing != null) {
            WholeFile.sync(files, path, growing);
        } else if (segment.size() > 0) {
            number++;
            WholeFile.write(files, new Path(folder(path), String.format("%08d", number)), segment.toByteArray());
            segment.reset();
        }
        begunNanos = System.nanoTime();
    }

    @Override
    public void close() throws IOException {
        try {
            sync();
            if (growing != null) {
                growing.close();
            }
        } catch (IOException e) {
            // HDFS throws what an earlier write has thrown once more, and Java adds no exception to itself
            throw new IOException("could not finish " + path + ": " + e.getMessage(), e);
        }
    }

    /** Whether there is such a log. */
    public static boolean exists(FileSystem files, Path path) throws IOException {
        return files.exists(path) || !segments(files, path).isEmpty();
    }

    /** Goes through all lines, those of a growing file and those of segments. */
    public static void forEach(FileSystem files, Path path, Consumer<String> line) throws IOException {
        List<Path> parts = segments(files, path);
        if (parts.isEmpty() || files.exists(path)) {
            read(files, path, line);
        }
        for (Path part : parts) {
            read(files, part, line);
        }
    }

    private static void read(FileSystem files, Path path, Consumer<String> line) throws IOException {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(files.open(path), StandardCharsets.UTF_8))) {
            in.lines().forEach(line);
        }
    }

    private static List<Path> segments(FileSystem files, Path path) throws IOException {
        List<Path> found = new ArrayList<>();
        try {
            for (FileStatus file : files.listStatus(folder(path))) {
                if (SEGMENT.matcher(file.getPath().getName()).matches()) {
                    found.add(file.getPath());
                }
            }
        } catch (FileNotFoundException none) {
            return List.of();
        }
        found.sort(Comparator.comparing(Path::getName));
        return found;
    }

    private static Path folder(Path path) {
        return path.suffix(SEGMENTS);
    }
}
