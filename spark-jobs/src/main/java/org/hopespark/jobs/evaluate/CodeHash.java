package org.hopespark.jobs.evaluate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.hopespark.model.Network;

/** Which code computes a result: another version of the model or of a task is another key. */
final class CodeHash {
    private static final String PACKAGE = "/org/hopespark/model";
    private static final String OF_MODEL = compute();

    private CodeHash() {}

    /** A hash of all classes and scripts of the model and of the tasks. */
    static String ofModel() {
        return OF_MODEL;
    }

    private static String compute() {
        URL place = Objects.requireNonNull(Network.class.getResource("Network.class"));
        try {
            URI uri = place.toURI();
            if (!uri.getScheme().equals("jar")) {
                return hash(Objects.requireNonNull(Path.of(uri).getParent()));
            }
            String jar = uri.toString().substring(0, uri.toString().indexOf("!/"));
            try (FileSystem files = FileSystems.newFileSystem(
                    Path.of(URI.create(jar.substring("jar:".length()))), (ClassLoader) null)) {
                return hash(files.getPath(PACKAGE));
            }
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the classes of " + PACKAGE, e);
        }
    }

    private static String hash(Path root) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(root)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        StringBuilder names = new StringBuilder();
        for (Path file : files) {
            CRC32 checksum = new CRC32();
            try (InputStream in = new CheckedInputStream(Files.newInputStream(file), checksum)) {
                in.transferTo(java.io.OutputStream.nullOutputStream());
            }
            names.append(root.relativize(file))
                    .append(' ')
                    .append(checksum.getValue())
                    .append('\n');
        }
        return Fingerprint.of(names.toString());
    }
}
