package org.hopespark.model.eval;

import java.util.List;

/**
 * A file that a task reads.
 *
 * @param role what the task calls it
 * @param names under which it is looked for, the preferred first
 */
public record NeededFile(String role, List<String> names) {
    public NeededFile {
        names = List.copyOf(names);
        if (names.isEmpty()) {
            throw new IllegalArgumentException("the file '" + role + "' needs a name to be looked for under");
        }
    }

    /** The only file of a task. */
    static List<NeededFile> only(String... names) {
        return List.of(new NeededFile("questions", List.of(names)));
    }
}
