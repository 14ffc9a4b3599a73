package org.hopespark.cluster.spark;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * What a worker is made of; the same on all of a gang.
 *
 * @param code SHA-256 of the names and checksums of all classes beside the plugin and beside the worker's function,
 *     which may come from two jars
 * @param configuration SHA-256 of the configuration as this process reads it
 */
record Identity(String code, String configuration) {
    /** Asks for nothing. */
    static final Identity ANY = new Identity("", "");

    static Identity of(WorkerFunction function) {
        TreeSet<String> places = new TreeSet<>();
        for (Class<?> type : List.of(HopePlugin.class, function.getClass())) {
            places.add(digest(type));
        }
        return new Identity(
                DigestUtils.sha256Hex(String.join("\n", places)), DigestUtils.sha256Hex(function.configuration()));
    }

    /** In what a worker differs from the driver, for the user. */
    List<String> differences(String worker, Identity found) {
        List<String> differences = new ArrayList<>();
        differ(
                differences,
                worker,
                "code (jar)",
                code,
                found.code,
                ": give both the same jar (the one that is submitted, spark.executor.extraClassPath)");
        differ(differences, worker, "configuration", configuration, found.configuration, "");
        return differences;
    }

    private static void differ(
            List<String> differences, String worker, String what, String here, String there, String remedy) {
        if (!here.isEmpty() && !here.equals(there)) {
            differences.add(worker + " runs another " + what + " than the driver, " + there + ", not " + here + remedy);
        }
    }

    private static String digest(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        if (source == null || !source.getLocation().getProtocol().equals("file")) {
            return "unknown";
        }
        try {
            Path place = Path.of(source.getLocation().toURI());
            return DigestUtils.sha256Hex(String.join("\n", Files.isDirectory(place) ? ofFolder(place) : ofJar(place)));
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException("cannot read the code at " + source.getLocation(), e);
        }
    }

    /** The jar's own checksums: the same code packed at another time is the same. */
    private static TreeSet<String> ofJar(Path jar) throws IOException {
        TreeSet<String> classes = new TreeSet<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            zip.stream().filter(entry -> !entry.isDirectory()).forEach(entry -> classes.add(entry(entry)));
        }
        return classes;
    }

    private static String entry(ZipEntry entry) {
        return entry.getName() + " " + entry.getCrc();
    }

    private static TreeSet<String> ofFolder(Path folder) throws IOException {
        TreeSet<String> classes = new TreeSet<>();
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(file -> file.toString().endsWith(".class")).toList();
        }
        for (Path file : files) {
            try (CheckedInputStream in = new CheckedInputStream(Files.newInputStream(file), new CRC32())) {
                in.transferTo(OutputStream.nullOutputStream());
                classes.add(folder.relativize(file) + " " + in.getChecksum().getValue());
            }
        }
        return classes;
    }
}
