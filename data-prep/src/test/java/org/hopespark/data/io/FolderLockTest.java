package org.hopespark.data.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderLockTest {
    @TempDir
    private Path folder;

    private final Storage storage = new Storage(new Configuration());

    private FolderLock take(String owner) {
        return FolderLock.take(folder.toString(), storage, owner);
    }

    @Test
    void theSecondIsToldWhoHasIt() {
        try (FolderLock first = take("the nightly job")) {
            first.requireHeld();
            assertThatThrownBy(() -> take("another"))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("is being written by another job: the nightly job on ");
        }
        take("another").close();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void whatNobodyHasRenewedIsTakenOver() throws IOException {
        FolderLock killed = take("killed");
        Path file = folder.resolve("_lock.json");
        Files.setLastModifiedTime(
                file,
                FileTime.fromMillis(System.currentTimeMillis()
                        - FolderLock.STALE.plusSeconds(1).toMillis()));
        try (FolderLock next = take("next")) {
            next.requireHeld();
            killed.close();
            assertThat(Files.readString(file)).contains("\"owner\":\"next\"");
        }
    }

    /** The same command repeated right after kill -9 does not wait. */
    @Test
    void theLockOfAProcessThatIsGoneIsTakenAtOnce() throws Exception {
        Path file = folder.resolve("_lock.json");
        take("killed").close();
        FolderLock alive = take("killed");
        String content = Files.readString(file);
        alive.close();
        String started = content.replaceAll(".*\"started\":\"([^\"]*)\".*\\R", "$1");
        Files.writeString(file, content.replace(started, "2001-01-01T00:00:00Z"));
        try (FolderLock next = take("next")) {
            next.requireHeld();
            assertThat(Files.readString(file)).contains("\"epoch\":2");
        }
        Files.writeString(file, content.replaceFirst("\"host\":\"", "\"host\":\"another-"));
        assertThatThrownBy(() -> take("next")).hasMessageContaining("killed on another-");
    }

    @Test
    void whoHasLostAFolderIsToldBeforeItPublishes() throws IOException {
        FolderLock first = take("first");
        Path file = folder.resolve("_lock.json");
        Files.writeString(file, Files.readString(file).replace("\"owner\":\"first\"", "\"owner\":\"second\""));
        assertThatThrownBy(first::requireHeld)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("was taken over by another job");
        first.close();
        assertThat(file).as("of the second").exists();
    }

    /** What a disk leaves that has lost its power. */
    @Test
    void anEmptyLockIsNobodys() throws IOException {
        Files.createFile(folder.resolve("_lock.json"));
        take("next").close();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void ofSeveralAtOnceOneHasIt() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<List<FolderLock>>> takers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String owner = "job " + i;
                takers.add(() -> {
                    try {
                        return List.of(take(owner));
                    } catch (UserException refused) {
                        return List.of();
                    }
                });
            }
            List<FolderLock> taken = new ArrayList<>();
            for (Future<List<FolderLock>> future : threads.invokeAll(takers)) {
                taken.addAll(future.get());
            }
            assertThat(taken).hasSize(1);
            taken.get(0).close();
        } finally {
            threads.shutdownNow();
        }
    }
}
