package org.hopespark.jobs.storage;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.util.VersionInfo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** An object store, by Hadoop's client for S3: nothing is appended, and a rename is a copy. */
final class S3StorageTest extends StorageContract {
    private @Nullable S3Server server;
    private Map<String, String> settings = Map.of();

    @BeforeAll
    void start(@TempDir Path buffer) throws Exception {
        assumeThat(VersionInfo.getVersion())
                .as("before 3.4 Hadoop's client needs the first AWS SDK, which is not in the tests")
                .isGreaterThanOrEqualTo("3.4");
        server = new S3Server();
        settings = server.settings(buffer);
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    String root() {
        return S3Server.root();
    }

    @Override
    Map<String, String> settings() {
        return settings;
    }
}
