package org.hopespark.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.hopespark.conf.Settings;
import org.hopespark.data.io.Storage;
import org.hopespark.files.LocalCopy;
import org.hopespark.jobs.spark.SparkSessions;

/** What options name for this process to read or write, which may lie on a file system of the cluster. */
final class UserFiles {
    private UserFiles() {}

    /** A configuration as {@link Settings#read} takes it: names of those in the jar stay as they are. */
    static String config(String place) {
        return Settings.isFile(place) ? local(place).toString() : place;
    }

    static List<String> folders(List<String> places) {
        return places.stream().map(place -> local(place).toString()).toList();
    }

    /** Writes figures to a file that an option names: of this machine, or of the file system that its scheme names. */
    static void writeJson(String place, Object figures) throws IOException {
        byte[] json = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(figures);
        if (new org.apache.hadoop.fs.Path(place).toUri().getScheme() == null) {
            Files.write(Path.of(place), json);
        } else {
            new Storage(SparkSessions.hadoop()).publish(place, json);
        }
    }

    static Path local(String place) {
        return LocalCopy.of(place, SparkSessions::hadoop);
    }
}
