package org.hopespark.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A real browser that opens pages of a folder; the test is skipped where there is none. */
final class Chromium {
    private final Path browser;
    private final Path folder;

    /**
     * What a page became.
     *
     * @param dom its markup when all scripts have run
     * @param console errors and warnings
     */
    record Opened(String dom, List<String> console) {}

    Chromium(Path folder) {
        Optional<Path> found = Stream.of(
                        Stream.ofNullable(System.getenv("CHROMIUM")),
                        Stream.of(System.getenv("PATH").split(":"))
                                .flatMap(path -> Stream.of("chromium", "chromium-headless-shell", "google-chrome")
                                        .map(name -> path + "/" + name)))
                .flatMap(names -> names)
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
        assumeThat(found)
                .as("no Chromium on the PATH, and none named by the variable CHROMIUM")
                .isPresent();
        browser = found.orElseThrow();
        this.folder = folder;
    }

    Opened open(String page, int width) throws Exception {
        return open(page, width, "");
    }

    /** The same at an address that ends with {@code fragment}. */
    Opened open(String page, int width, String fragment) throws Exception {
        Path file = Files.writeString(folder.resolve("page.html"), page);
        Path dom = folder.resolve("dom.html");
        Path log = folder.resolve("console.txt");
        Process process = new ProcessBuilder(
                        browser.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--enable-logging=stderr",
                        "--window-size=" + width + ",900",
                        "--user-data-dir=" + folder.resolve("profile"),
                        "--dump-dom",
                        file.toUri() + fragment)
                .redirectOutput(dom.toFile())
                .redirectError(log.toFile())
                .start();
        assertThat(process.waitFor()).isZero();
        try (Stream<String> lines = Files.lines(log)) {
            return new Opened(
                    Files.readString(dom),
                    lines.filter(line -> line.contains("CONSOLE")).toList());
        }
    }
}
