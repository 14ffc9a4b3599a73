package org.hopespark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.List;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;

class GlobTest {
    @Test
    void patternsMeanWhatTheyMeanForPaths() {
        List<String> names = List.of(
                "a",
                "a.java",
                "b/a.java",
                "b/c/a.scala",
                "a.b",
                "a-b",
                "[a]",
                "{a}",
                "a,b",
                "b",
                "A.java",
                "a.jav",
                "^");
        for (String glob : List.of(
                "**",
                "*",
                "?",
                "*.java",
                "**.java",
                "**/*.java",
                "**/*.{java,scala}",
                "b/*",
                "a[.-]b",
                "a[!.]b",
                "a.{b,java}",
                "[a-c]*",
                "\\[a]",
                "\\{a\\}",
                "a,b",
                "{a,b/c/}*",
                "a.+",
                "b/**")) {
            for (String name : names) {
                assertThat(new Glob(glob).matches(name))
                        .as("%s of %s", name, glob)
                        .isEqualTo(FileSystems.getDefault()
                                .getPathMatcher("glob:" + glob)
                                .matches(Path.of(name)));
            }
        }
    }

    @Test
    void namesNeedNotBePaths() {
        assertThat(new Glob("**/*.txt").matches("./a\0b\nc.txt")).isTrue();
        assertThat(new Glob("gr?ße").matches("größe")).isTrue();
    }

    @Test
    void whatIsNoPatternIsRefused() {
        for (String glob : List.of("[a", "{a", "[b-a]")) {
            assertThatThrownBy(() -> new Glob(glob))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("not a pattern: '" + glob);
        }
    }
}
