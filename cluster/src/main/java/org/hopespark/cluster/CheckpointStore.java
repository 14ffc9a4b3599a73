package org.hopespark.cluster;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.conf.ConfigException;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.StateSection;

/**
 * Checkpoints in a folder of any Hadoop file system: {@code step-00000123/} with one safetensors file a section and
 * worker, and {@code manifest.json}, which names every file with its length and SHA-256.
 *
 * <p>Workers write their files under a temporary name; one publisher adds the manifest and renames the folder. Where a
 * rename is not atomic (object stores copy the files one by one), a crash in the middle leaves a folder with files
 * missing, which does not verify. One publisher at a time.
 */
public final class CheckpointStore {
    private static final Logger LOG = LogManager.getLogger(CheckpointStore.class);
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES);
    private static final String FORMAT = "hope-checkpoint";
    private static final int VERSION = 2;
    private static final String MANIFEST = "manifest.json";
    private static final String TEMPORARY = "_temporary-";
    private static final Pattern PUBLISHED = Pattern.compile("step-(\\d{8,18})");

    /** The manifest file. */
    private record Manifest(
            String format, int version, long step, List<Checkpoint.Part> parts, Map<String, String> about) {}

    private final FileSystem files;
    private final Path root;

    /**
     * A store.
     *
     * @param location folder, with or without the scheme of a file system; made by the first save
     * @param hadoop settings of the file systems
     */
    public CheckpointStore(String location, Configuration hadoop) {
        Path path = new Path(location);
        try {
            this.files = path.getFileSystem(hadoop);
        } catch (IOException e) {
            throw new ConfigException("no file system for checkpoints at " + location + ": " + e.getMessage(), e);
        }
        this.root = files.makeQualified(path);
    }

    CheckpointStore(FileSystem files, Path root) {
        this.files = files;
        this.root = root;
    }

    /**
     * Writes and publishes a checkpoint that one worker holds. One of the same step is replaced.
     *
     * @param about what the run wants to find again: configuration, data set, versions
     * @throws CheckpointFailedException when it could not; what was there before is still there
     */
    public Checkpoint save(long step, List<StateSection> sections, Map<String, String> about) {
        String attempt = UUID.randomUUID().toString();
        return publish(step, attempt, write(step, attempt, sections), about);
    }

    /**
     * Writes one worker's files of a checkpoint that {@link #publish} will make visible. Nobody sees them before.
     *
     * @param attempt the same for all workers that write this checkpoint, and never used again
     * @throws CheckpointFailedException when it could not; no published checkpoint is touched
     */
    public List<Checkpoint.Part> write(long step, String attempt, List<StateSection> sections) {
        Path temporary = temporary(step, attempt);
        try {
            files.mkdirs(temporary);
            List<Checkpoint.Part> parts = new ArrayList<>();
            for (StateSection section : sections) {
                parts.add(write(temporary, step, section));
            }
            return parts;
        } catch (IOException | FSError e) {
            // a full local disk is an FSError to Hadoop
            throw failed(step, temporary, e);
        }
    }

    /**
     * Publishes what all workers have written. A checkpoint of the same step is replaced.
     *
     * @param parts what {@link #write} gave each of them
     * @throws CheckpointFailedException when it could not; what was there before is still there
     */
    public Checkpoint publish(long step, String attempt, List<Checkpoint.Part> parts, Map<String, String> about) {
        Path temporary = temporary(step, attempt);
        Path folder = new Path(root, "step-" + padded(step));
        List<Checkpoint.Part> sorted = parts.stream()
                .sorted(Comparator.comparing(Checkpoint.Part::section).thenComparing(Checkpoint.Part::rank))
                .toList();
        try {
            try (FSDataOutputStream out = files.create(new Path(temporary, MANIFEST), false)) {
                out.write(JSON.writeValueAsBytes(new Manifest(FORMAT, VERSION, step, sorted, new TreeMap<>(about))));
                sync(out);
            }
            publish(temporary, folder);
            return new Checkpoint(folder.toString(), step, sorted, about);
        } catch (IOException | FSError e) {
            throw failed(step, temporary, e);
        }
    }

    private CheckpointFailedException failed(long step, Path temporary, Throwable e) {
        deleteQuietly(temporary);
        return new CheckpointFailedException("checkpoint of step " + step + " was not saved in " + root + ": " + e, e);
    }

    private Path temporary(long step, String attempt) {
        return new Path(root, TEMPORARY + padded(step) + "-" + attempt);
    }

    private static String padded(long step) {
        return String.format("%08d", step);
    }

    private Checkpoint.Part write(Path temporary, long step, StateSection section) throws IOException {
        MessageDigest sha256 = sha256();
        Checkpoint.Part unwritten = new Checkpoint.Part(section.name(), section.rank(), section.ranks(), 0, "");
        long bytes;
        try (FSDataOutputStream out = files.create(new Path(temporary, unwritten.file()), false)) {
            Map<String, String> metadata = Map.of("section", section.name(), "step", Long.toString(step));
            Safetensors.write(section, metadata, new DigestOutputStream(out, sha256));
            sync(out);
            bytes = out.getPos();
        }
        return new Checkpoint.Part(
                section.name(),
                section.rank(),
                section.ranks(),
                bytes,
                HexFormat.of().formatHex(sha256.digest()));
    }

    private static void sync(FSDataOutputStream out) throws IOException {
        if (out.hasCapability(StreamCapabilities.HSYNC)) {
            out.hsync();
        }
    }

    private void publish(Path temporary, Path folder) throws IOException {
        Path replaced = new Path(root, temporary.getName() + "-replaced");
        boolean replaces = files.exists(folder);
        if (replaces && !files.rename(folder, replaced)) {
            throw new IOException("could not move " + folder + " out of the way");
        }
        if (!files.rename(temporary, folder)) {
            throw new IOException("could not rename " + temporary + " to " + folder);
        }
        if (replaces) {
            deleteQuietly(replaced);
        }
    }

    private void deleteQuietly(Path path) {
        try {
            files.delete(path, true);
        } catch (IOException | FSError e) {
            LOG.warn("{} could not be removed: {}", path, e.toString());
        }
    }

    /** All checkpoints with a readable manifest, newest first. */
    public List<Checkpoint> list() {
        List<Checkpoint> checkpoints = new ArrayList<>();
        for (Path folder : published()) {
            try {
                checkpoints.add(readManifest(folder));
            } catch (IOException e) {
                LOG.error("checkpoint {} is damaged: its {} cannot be read: {}", folder, MANIFEST, e.toString());
            }
        }
        return checkpoints;
    }

    /** Folders under their final names, newest first. */
    private List<Path> published() {
        return entries().stream()
                .map(FileStatus::getPath)
                .filter(path -> PUBLISHED.matcher(path.getName()).matches())
                .sorted(Comparator.comparingLong(CheckpointStore::step).reversed())
                .toList();
    }

    private static long step(Path folder) {
        return Long.parseLong(folder.getName().split("-", 3)[1]);
    }

    private List<FileStatus> entries() {
        try {
            return List.of(files.listStatus(root));
        } catch (FileNotFoundException none) {
            return List.of();
        } catch (IOException e) {
            throw new CheckpointFailedException("cannot list checkpoints in " + root + ": " + e.getMessage(), e);
        }
    }

    private Checkpoint readManifest(Path folder) throws IOException {
        try (InputStream in = files.open(new Path(folder, MANIFEST))) {
            Manifest manifest = JSON.readValue(in.readAllBytes(), Manifest.class);
            if (!FORMAT.equals(manifest.format) || manifest.version < 1 || manifest.version > VERSION) {
                throw new IOException("it has format " + manifest.format + " version " + manifest.version
                        + ", this program reads " + FORMAT + " up to version " + VERSION);
            }
            return new Checkpoint(folder.toString(), manifest.step, manifest.parts, manifest.about);
        }
    }

    /**
     * A checkpoint by its location; its files are not looked at.
     *
     * @throws CheckpointFailedException when its manifest cannot be read
     */
    public Checkpoint open(String location) {
        try {
            return readManifest(new Path(location));
        } catch (IOException e) {
            throw new CheckpointFailedException("checkpoint " + location + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * The newest checkpoint whose files are all as they were written. Every file is read. Damaged checkpoints are
     * passed over, with an error in the log.
     *
     * @return empty when there is no checkpoint
     * @throws ConfigException when there are checkpoints, and all are damaged
     */
    public Optional<Checkpoint> newestValid() {
        List<String> damages = new ArrayList<>();
        for (Path folder : published()) {
            List<String> damage = damage(folder);
            if (damage.isEmpty()) {
                return Optional.of(open(folder.toString()));
            }
            damage.forEach(problem -> LOG.error("checkpoint {} is damaged and not used: {}", folder, problem));
            damages.addAll(damage);
        }
        if (!damages.isEmpty()) {
            throw ConfigException.of(
                    "no checkpoint in " + root + " is whole; to start from scratch, use another folder", damages);
        }
        return Optional.empty();
    }

    /** Reads every file of every checkpoint, newest first: by location, what is not as the manifest says. */
    public Map<String, List<String>> damages() {
        Map<String, List<String>> damages = new LinkedHashMap<>();
        published().forEach(folder -> damages.put(folder.toString(), damage(folder)));
        return damages;
    }

    private List<String> damage(Path folder) {
        try {
            return damage(readManifest(folder));
        } catch (IOException e) {
            return List.of(new Path(folder, MANIFEST) + " cannot be read: " + e);
        }
    }

    private List<String> damage(Checkpoint checkpoint) {
        List<String> problems = new ArrayList<>();
        for (Checkpoint.Part part : checkpoint.parts()) {
            Path file = new Path(checkpoint.location(), part.file());
            MessageDigest sha256 = sha256();
            try (InputStream in = new DigestInputStream(files.open(file), sha256)) {
                long bytes = in.transferTo(OutputStream.nullOutputStream());
                String found = HexFormat.of().formatHex(sha256.digest());
                if (bytes != part.bytes()) {
                    problems.add(file + " has " + bytes + " bytes, its manifest says " + part.bytes());
                } else if (!found.equals(part.sha256())) {
                    problems.add(file + " has SHA-256 " + found + ", its manifest says " + part.sha256());
                }
            } catch (IOException e) {
                problems.add(file + " cannot be read: " + e);
            }
        }
        return problems;
    }

    /**
     * Reads a checkpoint, whatever number of workers wrote it, into the buffers of a training state or of a worker's
     * share of it. Nothing is written unless all names, shapes and types agree. Files without anything for this state
     * are not read.
     *
     * @throws ConfigException when it is the checkpoint of another model
     * @throws CheckpointFailedException when a file is not what the manifest says; the state is then undefined
     */
    public void load(Checkpoint checkpoint, List<StateSection> sections) {
        Map<String, StateSection> byName =
                sections.stream().collect(Collectors.toMap(StateSection::name, section -> section));
        try {
            for (Checkpoint.Part part : needed(checkpoint, byName)) {
                read(new Path(checkpoint.location(), part.file()), part, requireNonNull(byName.get(part.section())));
            }
        } catch (IOException e) {
            throw new CheckpointFailedException("checkpoint " + checkpoint + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The files that hold something of the sections; all of it, or the checkpoint is refused. */
    private List<Checkpoint.Part> needed(Checkpoint checkpoint, Map<String, StateSection> sections) throws IOException {
        List<String> problems = new ArrayList<>();
        List<Checkpoint.Part> needed = new ArrayList<>();
        Map<String, Long> found = new HashMap<>();
        for (Checkpoint.Part part : checkpoint.parts()) {
            StateSection section = sections.get(part.section());
            if (section == null) {
                problems.add(part.file() + ": the model has no section " + part.section());
                continue;
            }
            Map<String, NamedTensor> tensors = Safetensors.byName(section);
            long overlap = 0;
            for (Safetensors.Entry entry : header(checkpoint, part)) {
                Optional<String> problem = Safetensors.problem(entry, tensors);
                problem.ifPresent(text -> problems.add(part.file() + ": " + text));
                NamedTensor tensor = tensors.get(entry.tensor());
                if (tensor != null) {
                    long elements = problem.isEmpty()
                            ? entry.overlap(tensor)
                            : tensor.data().elements();
                    overlap += elements;
                    found.merge(section.name() + "/" + tensor.name(), elements, Long::sum);
                }
            }
            if (overlap > 0) {
                needed.add(part);
            }
        }
        for (StateSection section : sections.values()) {
            if (checkpoint.parts().stream().noneMatch(part -> part.section().equals(section.name()))) {
                problems.add("the checkpoint has no section " + section.name());
                continue;
            }
            for (NamedTensor tensor : section.tensors()) {
                long elements = found.getOrDefault(section.name() + "/" + tensor.name(), 0L);
                if (elements != tensor.data().elements()) {
                    problems.add("section " + section.name() + ": tensor " + tensor.name() + " is missing, " + elements
                            + " of " + tensor.data().elements() + " elements are there");
                }
            }
        }
        if (!problems.isEmpty()) {
            throw ConfigException.of("checkpoint " + checkpoint + " is of another model", problems);
        }
        return needed;
    }

    private List<Safetensors.Entry> header(Checkpoint checkpoint, Checkpoint.Part part) throws IOException {
        try (InputStream in = files.open(new Path(checkpoint.location(), part.file()))) {
            return Safetensors.readHeader(in);
        }
    }

    private void read(Path file, Checkpoint.Part part, StateSection section) throws IOException {
        MessageDigest sha256 = sha256();
        try (InputStream in = new DigestInputStream(files.open(file), sha256)) {
            Safetensors.readElements(in, Safetensors.readHeader(in), section);
            in.transferTo(OutputStream.nullOutputStream());
        }
        if (!HexFormat.of().formatHex(sha256.digest()).equals(part.sha256())) {
            throw new IOException(file + " does not have the SHA-256 of its manifest");
        }
    }

    /**
     * Removes the oldest checkpoints, and what failed saves up to the newest one have left.
     *
     * @param keep how many stay, counting only those whose files are all there in full length; 0 keeps all
     * @param permanentEverySteps those of multiples of this step stay for ever, and do not count; 0 for none
     * @return what was removed
     */
    public List<Checkpoint> prune(int keep, long permanentEverySteps) {
        return prune(keep, permanentEverySteps, 0);
    }

    /** The same, but the checkpoint of step {@code best} stays, too, and does not count. */
    public List<Checkpoint> prune(int keep, long permanentEverySteps, long best) {
        int kept = 0;
        List<Checkpoint> removed = new ArrayList<>();
        List<Checkpoint> checkpoints = list();
        for (Checkpoint checkpoint : checkpoints) {
            boolean stays = checkpoint.step() == best
                    || (permanentEverySteps > 0 && checkpoint.step() % permanentEverySteps == 0);
            if (stays && kept > 0) {
                continue;
            }
            if (keep > 0 && kept >= keep) {
                deleteQuietly(new Path(checkpoint.location()));
                removed.add(checkpoint);
            } else if (isComplete(checkpoint)) {
                kept++;
            }
        }
        long newest = checkpoints.isEmpty() ? -1 : checkpoints.get(0).step();
        for (FileStatus entry : entries()) {
            Path path = entry.getPath();
            if (path.getName().matches(TEMPORARY + "\\d{8,18}-.*") && step(path) <= newest) {
                deleteQuietly(path);
            }
        }
        return removed;
    }

    private boolean isComplete(Checkpoint checkpoint) {
        try {
            for (Checkpoint.Part part : checkpoint.parts()) {
                if (files.getFileStatus(new Path(checkpoint.location(), part.file()))
                                .getLen()
                        != part.bytes()) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
