package org.hopespark.data.shard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Json;

/**
 * The states of one data set, {@code snapshots/00001.json} and so on. One that was never added to has one state and no
 * such file.
 */
public final class Snapshots {
    private static final Pattern FILE = Pattern.compile("([0-9]{5,})\\.json");

    private final DataSetFolder root;
    private final Path folder;
    /** Snapshots have most of their segments in common. */
    private final Map<String, Manifest> known = new ConcurrentHashMap<>();

    public Snapshots(DataSetFolder root) {
        this.root = root;
        folder = new Path(root.uri(), "snapshots");
    }

    /** Numbers of the states, ascending; none if there is no data set. */
    public List<Integer> numbers() {
        try {
            List<Integer> numbers = new ArrayList<>();
            if (root.storage().exists(folder)) {
                for (FileStatus file : root.storage().fileSystem(folder).listStatus(folder)) {
                    Matcher name = FILE.matcher(file.getPath().getName());
                    // an empty one is what a loss of power leaves of a snapshot that was not there yet
                    if (name.matches() && file.getLen() > 0) {
                        numbers.add(Integer.parseInt(name.group(1)));
                    }
                }
            }
            if (numbers.isEmpty() && root.isFinished()) {
                numbers.add(1);
            }
            return numbers.stream().sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The newest state.
     *
     * @throws UserException if there is no data set
     */
    public Snapshot newest() {
        List<Integer> numbers = numbers();
        return numbers.isEmpty() ? Snapshot.first(root.manifest()) : number(numbers.get(numbers.size() - 1));
    }

    /**
     * A state by its number.
     *
     * @throws UserException if there is none, or one of its segments is not the one that it names
     */
    public Snapshot number(int number) {
        List<Integer> numbers = numbers();
        if (!numbers.contains(number)) {
            throw new UserException(root.uri() + " has no snapshot " + number + "; it has "
                    + (numbers.isEmpty()
                            ? "none"
                            : String.join(
                                    ", ", numbers.stream().map(String::valueOf).toList())));
        }
        if (!root.storage().exists(file(number))) {
            return Snapshot.first(root.manifest());
        }
        try {
            byte[] json = root.storage().read(file(number));
            Snapshot snapshot = Snapshot.fromJson(json);
            String wanted = new String(root.storage().read(hash(number)), StandardCharsets.US_ASCII).split(" ", 2)[0];
            if (!wanted.equals(DigestUtils.sha256Hex(json))) {
                throw new UserException(file(number) + " was changed after it was written: its SHA-256 is "
                        + DigestUtils.sha256Hex(json) + ", and " + hash(number).getName() + " says " + wanted
                        + "; restore it, or use an earlier snapshot");
            }
            if (snapshot.number() != number) {
                throw new UserException(
                        file(number) + " says that it is snapshot " + snapshot.number() + "; restore it");
            }
            manifests(snapshot);
            return snapshot;
        } catch (IOException e) {
            throw new UserException(
                    file(number) + " cannot be read: " + e.getMessage() + "; restore it, or use an earlier snapshot",
                    e);
        }
    }

    /** The state of an identity. */
    public Optional<Snapshot> of(String identity) {
        return numbers().stream()
                .map(this::number)
                .filter(snapshot -> snapshot.identity().equals(identity))
                .findFirst();
    }

    private Path file(int number) {
        return new Path(folder, String.format("%05d.json", number));
    }

    private Path hash(int number) {
        return file(number).suffix(".sha256");
    }

    /** Where a segment is. */
    public DataSetFolder folderOf(Snapshot.Segment segment) {
        return segment.folder().isEmpty()
                ? root
                : new DataSetFolder(new Path(root.uri(), segment.folder()).toString(), root.storage());
    }

    /** The segments of a state with what each of them says of itself. */
    Map<Snapshot.Segment, Manifest> manifests(Snapshot snapshot) {
        Map<Snapshot.Segment, Manifest> manifests = new LinkedHashMap<>();
        for (Snapshot.Segment segment : snapshot.segments()) {
            Manifest manifest = known.computeIfAbsent(
                    segment.folder(), any -> folderOf(segment).manifest());
            if (!manifest.sha256().equals(segment.identity())) {
                throw new UserException("segment '" + segment.folder() + "' of " + root.uri() + " is "
                        + manifest.sha256() + ", and snapshot " + snapshot.number() + " has " + segment.identity()
                        + ": restore it, or make the data set again in another output");
            }
            manifests.put(segment, manifest);
        }
        return manifests;
    }

    /** What is missing for the newest state to hold these inputs. */
    public Growth growth(Recipe wanted) {
        return Growth.of(manifests(newest()), wanted);
    }

    /** The folder of the segment that comes next. */
    public DataSetFolder nextSegment() {
        return folderOf(new Snapshot.Segment(segmentName(newest().number() + 1), ""));
    }

    private static String segmentName(int number) {
        return String.format("segments/%05d", number);
    }

    /** Publishes the next state: the segments that stay, and the new one, which is finished. */
    public Snapshot add(Growth growth) {
        Snapshot before = newest();
        if (!root.storage().exists(file(before.number()))) {
            publish(before);
        }
        int number = before.number() + 1;
        List<Snapshot.Segment> segments = new ArrayList<>(growth.kept());
        String name = segmentName(number);
        String made = folderOf(new Snapshot.Segment(name, "")).manifest().sha256();
        segments.add(new Snapshot.Segment(name, made));
        Snapshot next = new Snapshot(
                Snapshot.FORMAT,
                Snapshot.VERSION,
                number,
                before.identity(),
                segments,
                growth.added(),
                growth.replaced(),
                before.manifest());
        Snapshot whole = next.with(together(next));
        publish(whole);
        return whole;
    }

    /** What the segments of a state say together. */
    public Manifest together(Snapshot snapshot) {
        Map<String, Manifest> manifests = new LinkedHashMap<>();
        manifests(snapshot).forEach((segment, manifest) -> manifests.put(segment.folder(), manifest));
        return Manifest.of(manifests, counts(snapshot).orElse(null));
    }

    /** How often each id and byte occurs in all segments; empty if an older version has made one of them. */
    public Optional<TokenCounts> counts(Snapshot snapshot) {
        List<Optional<TokenCounts>> counts = snapshot.segments().stream()
                .map(segment -> folderOf(segment).counts())
                .toList();
        return counts.stream().allMatch(Optional::isPresent)
                ? counts.stream().map(Optional::orElseThrow).reduce(TokenCounts::plus)
                : Optional.empty();
    }

    /** Whether one of some segments has documents that are held out. */
    public boolean holdOut(List<Snapshot.Segment> segments) {
        return segments.stream()
                .anyMatch(segment -> folderOf(segment).manifest().validation().documents() > 0);
    }

    private void publish(Snapshot snapshot) {
        byte[] json = Json.write(snapshot);
        Path file = file(snapshot.number());
        root.storage()
                .publish(
                        hash(snapshot.number()),
                        (DigestUtils.sha256Hex(json) + "  " + file.getName() + "\n")
                                .getBytes(StandardCharsets.US_ASCII));
        root.storage().publish(file, json);
    }
}
