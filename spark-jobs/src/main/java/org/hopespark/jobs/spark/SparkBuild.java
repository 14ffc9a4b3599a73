package org.hopespark.jobs.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.apache.spark.package$;

/**
 * A Spark as compiled code sees it: classes of one Scala are not those of another, and Spark 4 renamed some of Spark 3.
 * A jar on the wrong one would end in an error of linkage.
 *
 * @param version its version, such as {@code 4.1.3}
 * @param scalaVersion the binary version of its Scala, {@code 2.12} or {@code 2.13}
 */
public record SparkBuild(String version, String scalaVersion) {
    /** Why this jar cannot run on the Spark of this process, if so. */
    public static Optional<String> problem() {
        return compiledFor().problemOn(running());
    }

    /** What Maven has written. */
    private static SparkBuild compiledFor() {
        Properties properties = new Properties();
        try (InputStream in = Objects.requireNonNull(SparkBuild.class.getResourceAsStream("built-for.properties"))) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new SparkBuild(properties.getProperty("spark", ""), properties.getProperty("scala", ""));
    }

    private static SparkBuild running() {
        String full = scala.util.Properties.versionNumberString();
        return new SparkBuild(package$.MODULE$.SPARK_VERSION(), full.substring(0, full.lastIndexOf('.')));
    }

    /** Why code that is compiled for this Spark cannot run on another one. */
    Optional<String> problemOn(SparkBuild other) {
        if (scalaVersion.equals(other.scalaVersion) && major().equals(other.major())) {
            return Optional.empty();
        }
        return Optional.of("this jar is built for " + this + ", and this is " + other
                + ": submit the jar of the build for it, which cluster/deploy/README.md names");
    }

    private String major() {
        return version.replaceFirst("[.].*", "");
    }

    @Override
    public String toString() {
        return "Spark " + version + " with Scala " + scalaVersion;
    }
}
