package org.hopespark.model.eval;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.hopespark.conf.UserException;

/**
 * The files of a task.
 *
 * @param byRole as {@link NeededFile#role} names them
 */
public record TaskFiles(Map<String, TaskFile> byRole) {
    private static final int DEPTH = 5;

    public TaskFiles {
        byRole = Map.copyOf(byRole);
    }

    /** Finds the files of {@code task} in folders, or in folders below; an earlier folder goes before a later one. */
    public static TaskFiles find(Task task, List<Path> folders) {
        return find(task.name(), task.files(), folders);
    }

    /** The same for whatever needs files. */
    public static TaskFiles find(String task, List<NeededFile> files, List<Path> folders) {
        Map<String, TaskFile> found = new TreeMap<>();
        for (NeededFile needed : files) {
            found.put(needed.role(), find(task, needed, folders));
        }
        return new TaskFiles(found);
    }

    private static TaskFile find(String task, NeededFile needed, List<Path> folders) {
        for (Path folder : folders) {
            for (String name : needed.names()) {
                Optional<Path> file = below(folder, name);
                if (file.isPresent()) {
                    return new TaskFile(file.get());
                }
            }
        }
        throw new UserException("task " + task + ": no file '" + needed.role() + "' in "
                + String.join(", ", folders.stream().map(Path::toString).toList()) + "; put one there that is named "
                + String.join(" or ", needed.names()));
    }

    private static Optional<Path> below(Path folder, String name) {
        if (!Files.isDirectory(folder)) {
            throw new UserException(folder + " is no folder; name one that holds the tasks' files");
        }
        try (Stream<Path> all = Files.find(
                folder, DEPTH, (path, is) -> is.isRegularFile() && path.endsWith(name), FileVisitOption.FOLLOW_LINKS)) {
            return all.sorted().findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look for " + name + " in " + folder, e);
        }
    }

    /** The only file. */
    public TaskFile only() {
        if (byRole.size() != 1) {
            throw new IllegalStateException("expected one file, there are " + byRole.keySet());
        }
        return byRole.values().iterator().next();
    }

    /** The file of this role. */
    public TaskFile file(String role) {
        return Optional.ofNullable(byRole.get(role))
                .orElseThrow(() -> new IllegalStateException("no file '" + role + "', there are " + byRole.keySet()));
    }
}
