package org.hopespark.jobs.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.jobs.storage.DiskLog.Contents;
import org.hopespark.jobs.storage.DiskLog.Spares;

/**
 * Does something to a disk, cuts the power after every change that this makes to the disk, does the same again on what
 * is left, and compares the disk with that of an undisturbed run.
 */
public final class Blackout {
    /** What is done to the disk, in a process of its own. */
    public interface Work {
        void run() throws IOException;
    }

    private static final int SEEDS = 3;
    private static final Pattern TOKEN = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final String THIS_PROCESS =
            "\"id\":" + ProcessHandle.current().pid() + ",";

    private final Path root;
    private final Predicate<String> matters;
    private final Contents before;
    private Predicate<String> safe;
    private int disksTried;

    /**
     * A disk as it is now, all of it safe.
     *
     * @param root folder that is the disk
     * @param matters the files that must have the same bytes in the end, by their paths from the root on
     */
    public Blackout(Path root, Predicate<String> matters) throws IOException {
        this.root = root;
        this.matters = matters;
        this.before = contents();
        this.safe = matters;
    }

    /** Besides, files that a power loss must not take any more when all is done. */
    public Blackout keeps(Predicate<String> more) {
        safe = matters.or(more);
        return this;
    }

    /** Settings of Hadoop that know the disk. */
    public static Configuration hadoop(Path root) {
        Configuration hadoop = new Configuration();
        FragileDisk.settings(root).forEach(hadoop::set);
        return hadoop;
    }

    /** Settings of Spark that know the disk. */
    public static Map<String, String> spark(Path root) {
        Map<String, String> settings = new TreeMap<>();
        FragileDisk.settings(root).forEach((key, value) -> settings.put("spark.hadoop." + key, value));
        return settings;
    }

    /** The name of a file of the disk for Hadoop. */
    public static String place(Path file) {
        return "fragile:" + file;
    }

    /** After every change. */
    public void afterEveryChange(Work work) throws IOException {
        after(work, 1);
    }

    /** After one of so many changes, and the last one. */
    public void after(Work work, int stride) throws IOException {
        DiskLog log = FragileDisk.record(root);
        for (String folder : before.folders()) {
            log.makeFolder(folder);
        }
        before.files().forEach((file, content) -> {
            log.create(file);
            log.sync(file, content);
        });
        log.syncFolder("");
        before.folders().forEach(log::syncFolder);
        int begin = log.size();
        work.run();
        FragileDisk.stopRecording(root);
        Contents after = contents();
        Map<String, byte[]> undisturbed = those(matters, after);
        assertThat(undisturbed).as("what the work leaves").isNotEmpty();
        Set<String> tried = new HashSet<>();
        IntStream.rangeClosed(begin, log.size())
                .filter(count -> (log.size() - count) % stride == 0)
                .forEach(count -> {
                    for (Spares spares : Spares.values()) {
                        for (long seed = 0; seed < (spares == Spares.SOME ? SEEDS : 1); seed++) {
                            Contents left = log.after(count, spares, 1000L * count + seed);
                            if (tried.add(left.fingerprint())) {
                                disksTried++;
                                resume(work, left, undisturbed, log, count, spares);
                            }
                        }
                    }
                });
        assertSame(
                those(safe, log.after(log.size(), Spares.NOTHING, 0)),
                those(safe, after),
                "power lost after the work had ended");
    }

    /** How many different disks the power has left. */
    public int disksTried() {
        return disksTried;
    }

    private void resume(
            Work work, Contents left, Map<String, byte[]> undisturbed, DiskLog log, int count, Spares spares) {
        String where = "power lost after change " + count + " of " + log.size() + " (" + log.last(count) + "), spared: "
                + spares + "; left: " + sizes(left);
        try {
            restore(left);
            work.run();
            assertSame(those(matters, contents()), undisturbed, where);
        } catch (IOException | RuntimeException e) {
            throw new AssertionError(where, e);
        }
    }

    private static Map<String, Integer> sizes(Contents left) {
        Map<String, Integer> sizes = new TreeMap<>();
        left.files().forEach((file, content) -> sizes.put(file, content.length));
        return sizes;
    }

    private static void assertSame(Map<String, byte[]> found, Map<String, byte[]> wanted, String where) {
        assertThat(found.keySet()).as(where).isEqualTo(wanted.keySet());
        wanted.forEach((file, content) -> {
            byte[] there = found.getOrDefault(file, new byte[0]);
            assertThat(there)
                    .as(() -> where + ": " + file + " has\n" + text(there) + "\nand not\n" + text(content))
                    .isEqualTo(content);
        });
    }

    private static String text(byte[] content) {
        String text = new String(content, StandardCharsets.UTF_8);
        return text.substring(0, Math.min(400, text.length()));
    }

    /** Some of the files, without what is drawn by chance. */
    private static Map<String, byte[]> those(Predicate<String> which, Contents contents) {
        Map<String, byte[]> files = new TreeMap<>();
        contents.files().forEach((file, content) -> {
            if (which.test(file)) {
                files.put(withoutTokens(file), withoutTokens(content));
            }
        });
        return files;
    }

    private static byte[] withoutTokens(byte[] content) {
        return withoutTokens(new String(content, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String withoutTokens(String text) {
        return TOKEN.matcher(text).replaceAll("TOKEN");
    }

    private Contents contents() throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            List<Path> found = all.filter(path -> !path.equals(root)).sorted().toList();
            for (Path file : found) {
                if (Files.isRegularFile(file)) {
                    files.put(name(file), Files.readAllBytes(file));
                }
            }
            return new Contents(
                    files,
                    found.stream().filter(Files::isDirectory).map(this::name).toList());
        }
    }

    private String name(Path file) {
        return "/" + root.relativize(file);
    }

    /** Who holds a lock ended when the power failed. */
    private static byte[] withoutThisProcess(Map.Entry<String, byte[]> file) {
        return file.getKey().endsWith("/_lock.json")
                ? new String(file.getValue(), StandardCharsets.UTF_8)
                        .replace(THIS_PROCESS, "\"id\":0,")
                        .getBytes(StandardCharsets.UTF_8)
                : file.getValue();
    }

    private void restore(Contents left) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(root)) {
                    Files.delete(file);
                }
            }
        }
        for (String folder : left.folders()) {
            Files.createDirectories(Path.of(root + folder));
        }
        for (Map.Entry<String, byte[]> file : left.files().entrySet()) {
            Files.write(Path.of(root + file.getKey()), withoutThisProcess(file));
        }
    }
}
