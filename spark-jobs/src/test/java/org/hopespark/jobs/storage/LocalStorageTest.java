package org.hopespark.jobs.storage;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The local disk. */
final class LocalStorageTest extends StorageContract {
    private String root = "";

    @BeforeAll
    void begin(@TempDir Path folder) {
        root = "file:" + folder;
    }

    @Override
    String root() {
        return root;
    }

    @Override
    Map<String, String> settings() {
        return Map.of();
    }
}
