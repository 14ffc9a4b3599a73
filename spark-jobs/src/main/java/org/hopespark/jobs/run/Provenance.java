package org.hopespark.jobs.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.package$;

/** What a result depends on besides its settings: the build, its libraries and the machine. */
public final class Provenance {
    private static final String PRODUCT = "hope-on-spark";

    private Provenance() {}

    /**
     * Of this process, by name; what is not known is left out.
     *
     * <p>Of the build: {@code hope-on-spark}, {@code commit}, {@code djl}, {@code libtorch}; of what it runs on:
     * {@code java}, {@code spark}, {@code os}, {@code cpu}, {@code gpu}.
     */
    public static Map<String, String> versions() {
        Map<String, String> versions = new TreeMap<>(build());
        versions.put("java", System.getProperty("java.version", "?"));
        versions.put("spark", package$.MODULE$.SPARK_VERSION());
        versions.put(
                "os",
                String.join(
                        " ",
                        System.getProperty("os.name", ""),
                        System.getProperty("os.version", ""),
                        System.getProperty("os.arch", "")));
        int processors = Runtime.getRuntime().availableProcessors();
        cpu(Path.of("/proc/cpuinfo")).ifPresent(model -> versions.put("cpu", processors + " x " + model));
        List<String> gpus = gpus();
        if (!gpus.isEmpty()) {
            versions.put("gpu", String.join(", ", gpus));
        }
        return versions;
    }

    /** The product with its version. */
    public static String product() {
        return PRODUCT + " " + build().get(PRODUCT);
    }

    /** What Maven has written; a property without a value is left out. */
    private static Map<String, String> build() {
        Properties properties = new Properties();
        try (InputStream in = Objects.requireNonNull(Provenance.class.getResourceAsStream("provenance.properties"))) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> build = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> build.put(name, properties.getProperty(name)));
        build.values().removeIf(String::isBlank);
        return build;
    }

    /** The first processor's model, as Linux names it. */
    static Optional<String> cpu(Path info) {
        return value(info, "model name");
    }

    /** The models of this machine's GPUs. */
    public static List<String> gpus() {
        return gpus(Path.of("/proc/driver/nvidia/gpus"));
    }

    /** The models of NVIDIA's GPUs that this process can see, as their driver names them. */
    static List<String> gpus(Path folder) {
        List<String> models = new ArrayList<>();
        try (DirectoryStream<Path> gpus = Files.newDirectoryStream(folder)) {
            gpus.forEach(gpu -> value(gpu.resolve("information"), "Model").ifPresent(models::add));
        } catch (IOException e) {
            return List.of(); // there is no driver
        }
        return models.stream().sorted().toList();
    }

    /** Of a file of lines {@code key : value}. */
    private static Optional<String> value(Path file, String key) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(line -> line.split(":", 2))
                    .filter(parts -> parts.length == 2 && parts[0].strip().equals(key))
                    .map(parts -> parts[1].strip())
                    .findFirst();
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty(); // another system has none
        }
    }
}
