package org.hopespark.jobs.evaluate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.run.TextFiles;
import org.jspecify.annotations.Nullable;

/** Finds checkpoints: folders that hold a manifest, which is written last. */
public final class Checkpoints {
    public static final String MANIFEST = "manifest.json";

    private static final Logger LOG = LogManager.getLogger(Checkpoints.class);
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    private Checkpoints() {}

    /**
     * The checkpoints that lie in a run's folder (below {@code checkpoints} or directly) or in those that a glob names,
     * earlier steps first. A folder of this very name is taken before the name is taken for a glob.
     */
    public static List<String> find(String globOrFolder, TextFiles text) throws IOException {
        Path path = new Path(globOrFolder);
        FileSystem files = text.fileSystem(path);
        List<Path> found = new ArrayList<>();
        for (FileStatus match : matches(path, files)) {
            Path folder = match.getPath();
            if (!match.isDirectory()) {
                LOG.warn("{} is a file, not a checkpoint", folder);
            } else if (isCheckpoint(folder, files)) {
                found.add(folder);
            } else {
                Path below = new Path(folder, "checkpoints");
                for (FileStatus child : files.listStatus(files.exists(below) ? below : folder)) {
                    if (child.isDirectory() && isCheckpoint(child.getPath(), files)) {
                        found.add(child.getPath());
                    }
                }
            }
        }
        if (found.isEmpty()) {
            throw new UserException("no finished checkpoint (a folder with " + MANIFEST + ") at " + globOrFolder
                    + "; name a run's folder, one that 'hope export' has written, or a pattern such as"
                    + " 'runs/a/checkpoints/*' in quotes");
        }
        return found.stream()
                .map(p -> files.makeQualified(p).toString())
                .distinct()
                .sorted(Comparator.comparing(Checkpoints::padded))
                .toList();
    }

    private static List<FileStatus> matches(Path path, FileSystem files) throws IOException {
        if (files.exists(path)) {
            return List.of(files.getFileStatus(path));
        }
        FileStatus @Nullable [] matches = files.globStatus(path);
        return matches == null ? List.of() : List.of(matches);
    }

    /** The one with the most steps. */
    public static String newest(String globOrFolder, Configuration hadoop) throws IOException {
        return newestFirst(globOrFolder, hadoop).get(0);
    }

    /** Those with more steps first. */
    static List<String> newestFirst(String globOrFolder, Configuration hadoop) throws IOException {
        List<String> found = new ArrayList<>(find(globOrFolder, new TextFiles(hadoop)));
        Collections.reverse(found);
        return found;
    }

    /** Differs whenever the checkpoint's content does: the manifest lists the hashes of all its parts. */
    static String identity(String checkpoint, TextFiles text) throws IOException {
        return Fingerprint.of(text.read(new Path(checkpoint, MANIFEST)));
    }

    /** Names for people: what is left of each URI without the folders that all share. */
    static Map<String, String> labels(List<String> checkpoints) {
        String first = checkpoints.get(0);
        int shared = first.lastIndexOf('/') + 1;
        for (String checkpoint : checkpoints) {
            while (!checkpoint.startsWith(first.substring(0, shared))) {
                shared = first.lastIndexOf('/', shared - 2) + 1;
            }
        }
        int start = shared;
        return checkpoints.stream().collect(Collectors.toMap(c -> c, c -> c.substring(start)));
    }

    /** Folders that are still written, or moved out of the way, have names that Hadoop takes for hidden. */
    private static boolean isCheckpoint(Path folder, FileSystem files) throws IOException {
        boolean hidden = folder.getName().startsWith("_") || folder.getName().startsWith(".");
        return !hidden && files.exists(new Path(folder, MANIFEST));
    }

    /** step-20 before step-100. */
    private static String padded(String path) {
        return NUMBER.matcher(path)
                .replaceAll(number -> "0".repeat(Math.max(0, 20 - number.group().length())) + number.group());
    }
}
