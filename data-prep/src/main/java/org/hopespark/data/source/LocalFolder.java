package org.hopespark.data.source;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.hopespark.conf.UserException;
import org.hopespark.data.source.InputFile.Found;

/**
 * All files below a folder of the local disk. Hadoop's listing follows links in circles, and passes over links that
 * lead nowhere.
 */
final class LocalFolder extends SimpleFileVisitor<Path> {
    private final List<Found> found = new ArrayList<>();

    private LocalFolder() {}

    static List<Found> files(org.apache.hadoop.fs.Path folder) throws IOException {
        LocalFolder visitor = new LocalFolder();
        Path root = Path.of(folder.toUri().getPath());
        Files.walkFileTree(root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, visitor);
        return visitor.found;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        if (attributes.isRegularFile()) {
            add(file, attributes, attributes.size(), "");
        } else {
            add(
                    file,
                    attributes,
                    0,
                    attributes.isSymbolicLink() ? "a link that leads nowhere" : "not a file but a pipe or device");
        }
        return FileVisitResult.CONTINUE;
    }

    private void add(Path file, BasicFileAttributes attributes, long bytes, String problem) {
        found.add(new Found(
                new org.apache.hadoop.fs.Path("file", null, file.toString()),
                bytes,
                attributes.lastModifiedTime().toMillis(),
                problem));
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException problem) {
        if (problem instanceof FileSystemLoopException) {
            return FileVisitResult.CONTINUE; // its files are met on the shorter way
        }
        throw new UserException(
                "cannot list the folder " + file + " (" + problem
                        + "); make it readable, or leave it out with a pattern",
                problem);
    }
}
