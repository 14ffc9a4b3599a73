package org.hopespark.files;

import java.io.File;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a process of a cluster unpacks native libraries, 450 MB with libtorch: in the folders that the cluster manager
 * lends its application and clears afterwards, and not in the home of the containers' user, DJL's choice, which may be
 * small, or be nowhere.
 */
public final class ScratchFolder {
    /** Names another folder, such as one that all executors of a machine share; DJL's own. */
    public static final String SETTING = "DJL_CACHE_DIR";

    /** Of YARN's containers, of a standalone worker's executors, and of pods; folders with commas between. */
    private static final List<String> LENT = List.of("LOCAL_DIRS", "SPARK_EXECUTOR_DIRS", "SPARK_LOCAL_DIRS");

    private static final String NAME = "hope-natives";

    private ScratchFolder() {}

    /** Lets DJL unpack there, unless the user names a folder, or nobody lends one. */
    public static void takeNativeLibraries() {
        if (System.getProperty(SETTING) == null) {
            of(System.getenv()).ifPresent(folder -> System.setProperty(SETTING, folder));
        }
    }

    static Optional<String> of(Map<String, String> environment) {
        if (environment.containsKey(SETTING)) {
            return Optional.empty();
        }
        List<File> folders =
                LENT.stream().map(environment::get).filter(lent -> lent != null && !lent.isBlank()).findFirst().stream()
                        .flatMap(lent -> Arrays.stream(lent.split("[,:]")))
                        .map(File::new)
                        .toList();
        // another process of the application may have been here
        Optional<File> taken = folders.stream()
                .map(folder -> new File(folder, NAME))
                .filter(File::isDirectory)
                .findFirst();
        return Stream.concat(
                        taken.stream(),
                        folders.stream()
                                .max(Comparator.comparingLong(File::getUsableSpace))
                                .map(folder -> new File(folder, NAME))
                                .stream())
                .findFirst()
                .map(File::getPath);
    }
}
