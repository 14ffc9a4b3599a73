package org.hopespark.jobs.spark;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.hopespark.conf.UserException;

/** Spark's own source code, which the build lays beside the job jar: text that is always at hand. */
public final class SparkSources {
    private SparkSources() {}

    /**
     * Its folder.
     *
     * @param option that names another text, for the error where the folder is not there
     */
    public static String folder(String option) {
        try {
            Path jar = Path.of(SparkSources.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Path folder = jar.resolveSibling("corpus");
            if (Files.isDirectory(folder)) {
                return folder.toString();
            }
            throw new UserException("the sources of Spark are not beside " + jar + ": name a text with " + option);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
