package org.hopespark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the job jar carries besides classes, and on which terms. Runs when it is packaged. */
class JobJarTest {
    private static final String SBOM = "META-INF/sbom/hope-on-spark.cdx.json";

    /** Licenses of what may be redistributed in the jar, as their SPDX identifiers. */
    private static final Set<String> ALLOWED = Set.of("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause");

    /** Of several, one may be chosen. */
    private static final Map<String, String> CHOSEN = Map.of("jna", "Apache-2.0");

    /** What NOTICE calls a library, where it is not the name of the artifact. */
    private static final Map<String, String> IN_NOTICE = Map.of(
            "api", "Deep Java Library: api",
            "pytorch-native-cpu", "LibTorch 2.7.1",
            "opennlp-tools", "Apache OpenNLP",
            "opennlp-models-langdetect", "model for the detection of languages",
            "snakeyaml-engine", "SnakeYAML Engine");

    private JarFile jar;

    @BeforeEach
    void open() throws IOException {
        jar = new JarFile("target/hope-on-spark.jar");
    }

    @AfterEach
    void close() throws IOException {
        jar.close();
    }

    @Test
    void nativesAreForLinuxOnX86And64Bits() {
        assertThat(names())
                .filteredOn(name -> name.matches(".*[.](so([.]\\d+)?|dll|dylib|jnilib|a)"))
                .hasSizeGreaterThan(5)
                .allMatch(name -> name.matches(".*/linux-x86[_-]64/.*"));
    }

    @Test
    void everyLibraryIsUnderAnAllowedLicenseAndInTheNotice() throws IOException {
        assumeThat("offline=true".equals(System.getProperty("maven.mode")) && jar.getEntry(SBOM) == null)
                .as("offline, where the plugin makes no list of the libraries")
                .isFalse();
        JsonNode sbom = new ObjectMapper().readTree(text(SBOM));
        String notice = text("META-INF/NOTICE");
        List<String> libraries = new ArrayList<>();
        for (JsonNode component : sbom.path("components")) {
            String name = component.path("name").asText();
            Set<String> licenses = new TreeSet<>();
            component
                    .path("licenses")
                    .forEach(license -> licenses.add(license.at("/license/id")
                            .asText(license.at("/license/name").asText())));
            assertThat(licenses).as(name).isNotEmpty();
            if (CHOSEN.containsKey(name)) {
                assertThat(licenses).as(name).contains(Objects.requireNonNull(CHOSEN.get(name)));
            } else {
                assertThat(ALLOWED).as(name).containsAll(licenses);
            }
            if (!component.path("group").asText().equals("org.hopespark")) {
                assertThat(notice).as("NOTICE").containsIgnoringCase(IN_NOTICE.getOrDefault(name, name));
                libraries.add(name);
            }
        }
        assertThat(libraries).contains("pytorch-native-cpu", "tokenizers", "jtokkit", "gson");
    }

    @Test
    void licensesTravelWithIt() throws IOException {
        assertThat(text("META-INF/LICENSE")).isEqualTo(Files.readString(Path.of("../LICENSE")));
        assertThat(text("META-INF/NOTICE")).isEqualTo(Files.readString(Path.of("../NOTICE")));
        try (Stream<Path> licenses = Files.list(Path.of("../licenses"))) {
            for (Path license : licenses.toList()) {
                assertThat(text("META-INF/licenses/" + license.getFileName())).isEqualTo(Files.readString(license));
            }
        }
    }

    @Test
    void itKnowsWhatItWasBuiltFrom() throws IOException {
        assertThat(text("org/hopespark/jobs/run/provenance.properties"))
                .containsPattern("hope-on-spark=\\d")
                .containsPattern("libtorch=\\d")
                .doesNotContain("${");
    }

    private List<String> names() {
        return jar.stream().map(ZipEntry::getName).toList();
    }

    private String text(String name) throws IOException {
        ZipEntry entry = jar.getEntry(name);
        assertThat(entry).as(name).isNotNull();
        try (InputStream in = jar.getInputStream(entry)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
