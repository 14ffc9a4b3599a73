package org.hopespark.jobs.storage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was done to a disk, and what of it may be left when the power fails after any of it. POSIX keeps the content of
 * a file that was forced to the disk, and the entries of a folder that was; all else may be there or not, name by name.
 */
final class DiskLog {
    /** What a loss of power spares of all that was not forced to the disk. */
    enum Spares {
        /** Neither names nor contents. */
        NOTHING,
        /** The names of files and folders, old and new; files are empty. */
        NAMES,
        /** Any of it: some names, some contents, some files up to a point. */
        SOME,
        /** All: the process was killed. */
        ALL
    }

    private interface Change {
        void apply(Disk disk);
    }

    private final List<Change> changes = new ArrayList<>();
    private final List<String> words = new ArrayList<>();

    /** Files and folders by their paths; a folder has no content. */
    record Contents(Map<String, byte[]> files, List<String> folders) {
        /** Equal for equal contents. */
        String fingerprint() {
            StringBuilder all = new StringBuilder(folders.toString());
            files.forEach((path, content) -> all.append('\n')
                    .append(path)
                    .append(' ')
                    .append(content.length)
                    .append(' ')
                    .append(Arrays.hashCode(content)));
            return all.toString();
        }
    }

    private static final class Node {
        private final boolean isFolder;
        private byte[] content = new byte[0];
        private byte[] safe = new byte[0];
        private final Map<String, Node> entries = new TreeMap<>();
        /** By name what it was at the last sync, and what it has been since: a node, or nothing. */
        private final Map<String, List<Slot>> unsafe = new TreeMap<>();

        Node(boolean isFolder) {
            this.isFolder = isFolder;
        }

        void set(String name, @Nullable Node node) {
            unsafe.computeIfAbsent(name, unseen -> new ArrayList<>(List.of(new Slot(entries.get(name)))))
                    .add(new Slot(node));
            if (node == null) {
                entries.remove(name);
            } else {
                entries.put(name, node);
            }
        }
    }

    private record Slot(@Nullable Node node) {}

    private static final class Disk {
        private final Node root = new Node(true);

        Node node(String path) {
            Node node = root;
            for (String name : names(path)) {
                Node next = node.entries.get(name);
                if (next == null) {
                    throw new AssertionError("the log has no " + path);
                }
                node = next;
            }
            return node;
        }

        Node parent(String path) {
            return node(path.substring(0, path.lastIndexOf('/')));
        }

        private static List<String> names(String path) {
            return List.of(path.split("/")).stream()
                    .filter(name -> !name.isEmpty())
                    .toList();
        }
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private synchronized void add(String word, String path, Change change) {
        words.add(word + " " + path);
        changes.add(change);
    }

    void create(String path) {
        add("create", path, disk -> disk.parent(path).set(name(path), new Node(false)));
    }

    void makeFolder(String path) {
        add("mkdir", path, disk -> disk.parent(path).set(name(path), new Node(true)));
    }

    void write(String path, byte[] content) {
        add("write", path, disk -> disk.node(path).content = content);
    }

    void sync(String path, byte[] content) {
        add("sync", path, disk -> {
            Node node = disk.node(path);
            node.content = content;
            node.safe = content;
        });
    }

    void rename(String from, String to) {
        add("rename", from + " " + to, disk -> {
            Node node = disk.node(from);
            disk.parent(from).set(name(from), null);
            disk.parent(to).set(name(to), node);
        });
    }

    void delete(String path) {
        add("delete", path, disk -> disk.parent(path).set(name(path), null));
    }

    void syncFolder(String path) {
        add("sync folder", path, disk -> disk.node(path).unsafe.clear());
    }

    /** How much was done. */
    synchronized int size() {
        return changes.size();
    }

    /** What was done last before a loss of power. */
    synchronized String last(int count) {
        return count == 0 ? "nothing" : words.get(count - 1);
    }

    /** What there is when the power has failed after so many changes. */
    synchronized Contents after(int count, Spares spares, long seed) {
        Disk disk = new Disk();
        changes.subList(0, count).forEach(change -> change.apply(disk));
        Contents left = new Contents(new TreeMap<>(), new ArrayList<>());
        Random random = new Random(seed);
        Deque<Map.Entry<String, Node>> open = new ArrayDeque<>();
        open.add(Map.entry("", disk.root));
        while (!open.isEmpty()) {
            Map.Entry<String, Node> next = open.remove();
            spared(next.getValue(), spares, random).forEach((name, node) -> {
                String path = next.getKey() + "/" + name;
                if (node.isFolder) {
                    left.folders.add(path);
                    open.add(Map.entry(path, node));
                } else {
                    left.files.put(path, content(node, spares, random));
                }
            });
        }
        return left;
    }

    private static Map<String, Node> spared(Node folder, Spares spares, Random random) {
        Map<String, Node> entries = new TreeMap<>(folder.entries);
        folder.unsafe.forEach((name, slots) -> {
            int which = switch (spares) {
                case NOTHING -> 0;
                case NAMES, ALL -> slots.size() - 1;
                case SOME -> random.nextInt(slots.size());
            };
            Node node = slots.get(which).node;
            if (node == null) {
                entries.remove(name);
            } else {
                entries.put(name, node);
            }
        });
        return entries;
    }

    private static byte[] content(Node file, Spares spares, Random random) {
        return switch (spares) {
            case NOTHING, NAMES -> file.safe;
            case ALL -> file.content;
            case SOME -> {
                if (file.safe == file.content || random.nextInt(3) == 0) {
                    yield file.safe;
                }
                yield random.nextBoolean()
                        ? file.content
                        : Arrays.copyOf(
                                file.content,
                                file.safe.length + random.nextInt(Math.max(1, file.content.length - file.safe.length)));
            }
        };
    }
}
