package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class IdentityTest {
    private static final String FUNCTION = Doing.class.getName();

    @TempDir
    private Path folder;

    /** Loaded from jars of its own. */
    public static final class Doing implements WorkerFunction {
        private static final long serialVersionUID = 1L;

        @Override
        public String run(WorkerContext context) {
            return "";
        }

        @Override
        public String configuration() {
            return "steps: 1";
        }
    }

    @Test
    void theSameCodeIsTheSameWhenItWasPackedAtAnotherTime() throws Exception {
        assertThat(identity(jar("a.jar", "beside", 1_000_000_000_000L)))
                .isEqualTo(identity(jar("b.jar", "beside", 1_700_000_000_000L)));
    }

    @Test
    void oneOtherClassIsOtherCode() throws Exception {
        assertThat(identity(jar("a.jar", "beside", 0)).code())
                .isNotEqualTo(identity(jar("b.jar", "besides", 0)).code());
    }

    @Test
    void classesInAFolderAreReadAsThoseInAJar() throws Exception {
        Identity before = identity(classes("a"));
        assertThat(identity(classes("b"))).isEqualTo(before);
        Files.writeString(folder.resolve("b").resolve("Other.class"), "other");
        assertThat(identity(folder.resolve("b")).code()).isNotEqualTo(before.code());
        assertThat(identity(folder.resolve("b")).configuration()).isEqualTo(before.configuration());
    }

    private Path classes(String name) throws IOException {
        Path file = folder.resolve(name).resolve(FUNCTION.replace('.', '/') + ".class");
        Files.createDirectories(file.getParent());
        Files.write(file, code());
        return folder.resolve(name);
    }

    private Path jar(String name, String beside, long time) throws IOException {
        Path jar = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            add(zip, FUNCTION.replace('.', '/') + ".class", code(), time);
            add(zip, "beside.txt", beside.getBytes(StandardCharsets.UTF_8), time);
        }
        return jar;
    }

    private static void add(ZipOutputStream zip, String name, byte[] bytes, long time) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(time);
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    private static byte[] code() throws IOException {
        try (var in = IdentityTest.class.getClassLoader().getResourceAsStream(FUNCTION.replace('.', '/') + ".class")) {
            assertThat(in).isNotNull();
            return in == null ? new byte[0] : in.readAllBytes();
        }
    }

    private static Identity identity(Path place) throws Exception {
        try (FirstLoader loader = new FirstLoader(place.toUri().toURL())) {
            return Identity.of((WorkerFunction)
                    loader.loadClass(FUNCTION).getDeclaredConstructor().newInstance());
        }
    }

    /** Asks its parent for everything but the function. */
    private static final class FirstLoader extends URLClassLoader {
        private FirstLoader(URL place) {
            super(new URL[] {place}, IdentityTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            return name.equals(FUNCTION) ? findClass(name) : super.loadClass(name, resolve);
        }
    }
}
