package org.hopespark.jobs.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.export.NewFolder.Content;
import org.hopespark.jobs.storage.Blackout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewFolderTest {
    @TempDir
    private Path folder;

    /** Whoever finds the last file finds all; the same command ends what was cut off. */
    @Test
    void filesThatWereCutOffByALossOfPowerAreWrittenAgain() throws IOException {
        Path root = Files.createDirectory(folder.resolve("disk"));
        NewFolder exported = new NewFolder(Blackout.place(root.resolve("model")), Blackout.hadoop(root));
        Blackout blackout = new Blackout(root, path -> !path.contains("/_") && !path.contains("/."));
        blackout.afterEveryChange(() -> {
            if (Files.exists(root.resolve("model/config.json"))) {
                assertThat(root.resolve("model/model.pt")).hasContent("weights");
                assertThat(root.resolve("model/config.json")).hasContent("{}");
            }
            try {
                exported.write(contents());
            } catch (UserException finished) {
                assertThat(finished).hasMessageContaining("is not empty");
            }
        });
        assertThat(blackout.disksTried()).isGreaterThan(10);
    }

    @Test
    void aFolderOfTheUsersIsRefused() throws IOException {
        Files.writeString(folder.resolve("model.pt"), "mine");
        NewFolder exported = new NewFolder(folder.toString(), Blackout.hadoop(folder));
        assertThatThrownBy(() -> exported.write(contents())).hasMessageContaining("is not empty (it holds 1)");
        assertThat(folder.resolve("model.pt")).hasContent("mine");
    }

    private static Map<String, Content> contents() {
        Map<String, Content> contents = new LinkedHashMap<>();
        contents.put("model.pt", out -> out.write("weights".getBytes(StandardCharsets.UTF_8)));
        contents.put("config.json", out -> out.write("{}".getBytes(StandardCharsets.UTF_8)));
        return contents;
    }
}
