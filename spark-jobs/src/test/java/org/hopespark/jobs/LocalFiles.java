package org.hopespark.jobs;

import org.apache.hadoop.conf.Configuration;
import org.hopespark.data.io.Storage;

/** The file systems of tests that start no Spark. */
public final class LocalFiles {
    public static final Storage STORAGE = new Storage(new Configuration());

    private LocalFiles() {}
}
