package org.hopespark.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Links within the documentation lead somewhere. */
final class DocumentationLinksTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Set<String> NO_SOURCES = Set.of("target", "runs", "node_modules");
    private static final Pattern FENCED = Pattern.compile("(?ms)^ *(```+).*?^ *\\1 *$");
    private static final Pattern CODE = Pattern.compile("(`+)[^`]+?\\1");
    private static final Pattern LINK = Pattern.compile("\\]\\(<?([^)\\s>]+)>?[^)]*\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+)$");
    private static final Pattern HTML_ID = Pattern.compile("\\bid=\"([^\"]+)\"");
    private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");

    @Test
    void everyRelativeLinkAndEveryAnchorResolves() throws IOException {
        List<Path> pages = pages();
        List<String> broken =
                pages.stream().flatMap(DocumentationLinksTest::brokenLinks).toList();
        assertThat(pages).hasSizeGreaterThan(40);
        assertThat(broken).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Which jar, which-jar",
        "`model.pattern.N`, modelpatternn",
        "Language modelling and common sense (`--suite zero-shot`), language-modelling-and-common-sense---suite-zero-shot",
        "[Tokens](tokens.md) and _words_, tokens-and-words"
    })
    void anchorsAreThoseOfGitHub(String heading, String anchor) {
        assertThat(anchor(heading)).isEqualTo(anchor);
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                String name = folder.getFileName().toString();
                return NO_SOURCES.contains(name) || (name.startsWith(".") && !folder.equals(ROOT))
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(".md")) {
                    pages.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return pages;
    }

    private static Stream<String> brokenLinks(Path page) {
        return LINK.matcher(CODE.matcher(withoutBlocks(page)).replaceAll(""))
                .results()
                .map(link -> link.group(1))
                .filter(link -> !ELSEWHERE.matcher(link).matches())
                .filter(link -> !resolves(page, link))
                .map(link -> ROOT.relativize(page) + ": " + link);
    }

    private static boolean resolves(Path page, String link) {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        return Files.exists(target) && (parts.length == 1 || anchors(target).contains(parts[1]));
    }

    private static Set<String> anchors(Path page) {
        String text = withoutBlocks(page);
        Set<String> anchors = new HashSet<>();
        Map<String, Integer> seen = new HashMap<>();
        for (MatchResult heading : HEADING.matcher(text).results().toList()) {
            String anchor = anchor(heading.group(1));
            int before = seen.merge(anchor, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? anchor : anchor + "-" + before);
        }
        HTML_ID.matcher(text).results().forEach(id -> anchors.add(id.group(1)));
        return anchors;
    }

    /** What GitHub makes of a heading. */
    private static String anchor(String heading) {
        return heading.replaceAll("\\]\\([^)]*\\)", "")
                .replaceAll("(?<![\\w`])_([^_`]+)_(?!\\w)", "$1")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                .strip()
                .replace(' ', '-');
    }

    private static String withoutBlocks(Path page) {
        try {
            return FENCED.matcher(Files.readString(page)).replaceAll("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
