package org.hopespark.cluster;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.files.WholeFile;

/**
 * The folders of a {@link CheckpointStore}: {@code step-00000123}, one a step.
 *
 * @param files the file system
 * @param root folder of all of them
 */
record CheckpointFolders(FileSystem files, Path root) {
    private static final Logger LOG = LogManager.getLogger(CheckpointFolders.class);
    private static final Pattern STEP = Pattern.compile("step-(\\d{8,18})");

    /** The folder of a step, whether it exists or not. */
    Path of(long step) {
        return new Path(root, String.format("step-%08d", step));
    }

    /** Folders of checkpoints that were published, newest first. */
    List<Path> published() {
        return steps().stream()
                .filter(folder -> hasManifest(folder) || isOlderVersion(folder))
                .toList();
    }

    /** Up to version 2 files lay in this folder only once they were published: their manifest was lost. */
    boolean isOlderVersion(Path folder) {
        return entries(folder).stream()
                .anyMatch(entry -> entry.isFile() && entry.getPath().getName().endsWith(".safetensors"));
    }

    /** Folders of all steps, those whose save has not ended included, newest first. */
    List<Path> steps() {
        return entries(root).stream()
                .map(FileStatus::getPath)
                .filter(path -> STEP.matcher(path.getName()).matches())
                .sorted(Comparator.comparingLong(CheckpointFolders::step).reversed())
                .toList();
    }

    /** The step of a folder. */
    static long step(Path folder) {
        return Long.parseLong(folder.getName().split("-", 2)[1]);
    }

    /** Whether a save into a folder was published. */
    boolean hasManifest(Path folder) {
        try {
            return files.exists(new Path(folder, CheckpointManifest.FILE));
        } catch (IOException e) {
            throw new CheckpointFailedException("cannot look into checkpoint " + folder + ": " + e.getMessage(), e);
        }
    }

    /** What lies in a folder; nothing where there is none. */
    List<FileStatus> entries(Path folder) {
        try {
            return List.of(files.listStatus(folder));
        } catch (FileNotFoundException none) {
            return List.of();
        } catch (IOException e) {
            throw new CheckpointFailedException("cannot list " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Deletes; what cannot be deleted is logged. */
    void deleteQuietly(Path path) {
        try {
            files.delete(path, true);
        } catch (IOException | FSError e) {
            LOG.warn("{} could not be removed: {}", path, e.toString());
        }
    }

    /** The same for a file that must not come back after a loss of power. */
    void deleteDurably(Path file) {
        deleteQuietly(file);
        try {
            WholeFile.syncFolder(files, file.getParent());
        } catch (IOException e) {
            LOG.warn("a loss of power may bring back {}: {}", file, e.toString());
        }
    }
}
