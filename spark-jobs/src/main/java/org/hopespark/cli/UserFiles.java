package org.hopespark.cli;

import java.nio.file.Path;
import java.util.List;
import org.hopespark.conf.Settings;
import org.hopespark.files.LocalCopy;
import org.hopespark.jobs.spark.SparkSessions;

/** What options name for this process to read, which may lie on a file system of the cluster. */
final class UserFiles {
    private UserFiles() {}

    /** A configuration as {@link Settings#read} takes it: names of those in the jar stay as they are. */
    static String config(String place) {
        return Settings.isFile(place) ? local(place).toString() : place;
    }

    static List<String> folders(List<String> places) {
        return places.stream().map(place -> local(place).toString()).toList();
    }

    static Path local(String place) {
        return LocalCopy.of(place, SparkSessions::hadoop);
    }
}
