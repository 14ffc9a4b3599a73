package org.hopespark.cluster;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.conf.UserException;
import org.hopespark.files.WholeFile;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.StateSection;

/**
 * Checkpoints in a folder of any Hadoop file system: {@code step-00000123/ATTEMPT/} with one safetensors file a section
 * and worker, and {@code step-00000123/manifest.json}, which names every file with its length and SHA-256.
 *
 * <p>The manifest is written last, in one step, and no folder is ever renamed: object stores would copy it file by
 * file. A folder without a manifest is a save that has not ended. One publisher at a time.
 */
public final class CheckpointStore {
    private static final Logger LOG = LogManager.getLogger(CheckpointStore.class);
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES);
    private static final String FORMAT = "hope-checkpoint";
    private static final int VERSION = 3;
    private static final String MANIFEST = "manifest.json";
    private static final Pattern STEP = Pattern.compile("step-(\\d{8,18})");

    /** The manifest file; up to version 2 it has no attempt and no attachments. */
    private record Manifest(
            String format,
            int version,
            long step,
            @JsonSetter(nulls = Nulls.AS_EMPTY) String attempt,
            List<Checkpoint.Part> parts,
            @JsonSetter(nulls = Nulls.AS_EMPTY) List<Checkpoint.Attachment> attachments,
            Map<String, String> about) {}

    private static final int TRIES = 3;

    private final FileSystem files;
    private final Path root;
    private final Duration retryPause;
    // whose content was compared with the manifest, by whoever wrote it or here
    private final Set<Checkpoint> verified = ConcurrentHashMap.newKeySet();

    /**
     * A store.
     *
     * @param location folder, with or without the scheme of a file system; made by the first save
     * @param hadoop settings of the file systems
     */
    public CheckpointStore(String location, Configuration hadoop) {
        Path path = new Path(location);
        try {
            this.files = WholeFile.system(path, hadoop);
        } catch (IOException e) {
            throw new UserException("no file system for checkpoints at " + location + ": " + e.getMessage(), e);
        }
        this.root = files.makeQualified(path);
        this.retryPause = Duration.ofSeconds(2);
    }

    CheckpointStore(FileSystem files, Path root, Duration retryPause) {
        this.files = files;
        this.root = root;
        this.retryPause = retryPause;
    }

    /**
     * Writes and publishes a checkpoint that one worker holds. One of the same step is replaced.
     *
     * @param about what the run wants to find again: configuration, data set, versions
     * @throws CheckpointFailedException when it could not; what was there before is still there
     */
    public Checkpoint save(long step, List<StateSection> sections, Map<String, String> about) {
        String attempt = UUID.randomUUID().toString();
        try {
            return publish(step, attempt, write(step, attempt, sections), about);
        } catch (CheckpointFailedException e) {
            discard(step, attempt);
            throw e;
        }
    }

    /**
     * Writes one worker's files of a checkpoint that {@link #publish} will make visible, and reads them back. A file
     * that fails is written again, {@value #TRIES} times in all.
     *
     * @param attempt the same for all workers that write this checkpoint, and never used again
     * @throws CheckpointFailedException when it could not; no published checkpoint is touched
     */
    public List<Checkpoint.Part> write(long step, String attempt, List<StateSection> sections) {
        Path unpublished = new Path(folder(step), attempt);
        try {
            WholeFile.makeFolder(files, unpublished);
            List<Checkpoint.Part> parts = new ArrayList<>();
            for (StateSection section : sections) {
                parts.add(write(unpublished, step, section, 1));
            }
            WholeFile.syncFolder(files, unpublished);
            return parts;
        } catch (IOException | FSError e) {
            // a full local disk is an FSError to Hadoop
            throw failed(step, e);
        }
    }

    /**
     * Publishes what all workers have written. A checkpoint of the same step is replaced.
     *
     * @param parts what {@link #write} gave each of them
     * @throws CheckpointFailedException when it could not; what was there before is still there
     */
    public Checkpoint publish(long step, String attempt, List<Checkpoint.Part> parts, Map<String, String> about) {
        return publish(step, attempt, parts, Map.of(), about);
    }

    /** The same with small files that belong to the checkpoint, by their names. */
    public Checkpoint publish(
            long step,
            String attempt,
            List<Checkpoint.Part> parts,
            Map<String, byte[]> attachments,
            Map<String, String> about) {
        Path folder = folder(step);
        List<Checkpoint.Part> sorted = parts.stream()
                .sorted(Comparator.comparing(Checkpoint.Part::section).thenComparing(Checkpoint.Part::rank))
                .toList();
        List<Checkpoint.Attachment> attached = attachments.entrySet().stream()
                .map(file -> attachment(file.getKey(), file.getValue()))
                .sorted(Comparator.comparing(Checkpoint.Attachment::name))
                .toList();
        Checkpoint checkpoint = new Checkpoint(folder.toString(), attempt, step, sorted, attached, about);
        try {
            for (Map.Entry<String, byte[]> file : attachments.entrySet()) {
                WholeFile.write(files, new Path(new Path(folder, attempt), file.getKey()), file.getValue());
            }
            WholeFile.write(files, new Path(folder, MANIFEST), manifest(checkpoint));
        } catch (IOException | FSError e) {
            throw failed(step, e);
        }
        verified.add(checkpoint);
        deleteOtherFiles(checkpoint);
        return checkpoint;
    }

    /** What a manifest says of a file beside the training state. */
    public static Checkpoint.Attachment attachment(String name, byte[] content) {
        return new Checkpoint.Attachment(name, content.length, HexFormat.of().formatHex(sha256().digest(content)));
    }

    /** The {@code manifest.json} that makes a folder with these files a checkpoint. */
    public static byte[] manifest(Checkpoint checkpoint) {
        try {
            return JSON.writeValueAsBytes(new Manifest(
                    FORMAT,
                    VERSION,
                    checkpoint.step(),
                    checkpoint.attempt(),
                    checkpoint.parts(),
                    checkpoint.attachments(),
                    new TreeMap<>(checkpoint.about())));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Removes what an attempt has written of a checkpoint, unless that is published. */
    public void discard(long step, String attempt) {
        Path folder = folder(step);
        try {
            if (hasManifest(folder) && readManifest(folder).attempt().equals(attempt)) {
                LOG.warn("checkpoint {} is published, whatever failed after that", folder);
                return;
            }
            deleteQuietly(new Path(folder, attempt));
            if (entries(folder).isEmpty()) {
                deleteQuietly(folder);
            }
        } catch (IOException | CheckpointFailedException e) {
            LOG.warn("what attempt {} left in {} was not removed: {}", attempt, folder, e.toString());
        }
    }

    private CheckpointFailedException failed(long step, Throwable e) {
        return new CheckpointFailedException("checkpoint of step " + step + " was not saved in " + root + ": " + e, e);
    }

    private Path folder(long step) {
        return new Path(root, String.format("step-%08d", step));
    }

    private Checkpoint.Part write(Path folder, long step, StateSection section, int attempt) throws IOException {
        Checkpoint.Part unwritten = new Checkpoint.Part(section.name(), section.rank(), section.ranks(), 0, "");
        Path file = new Path(folder, unwritten.file());
        try {
            Checkpoint.Part part = write(file, step, section);
            Optional<String> damage = damage(file, part.bytes(), part.sha256());
            if (damage.isPresent()) {
                throw new IOException("written, but " + damage.get());
            }
            return part;
        } catch (IOException | FSError e) {
            deleteQuietly(file);
            if (attempt == TRIES) {
                throw e;
            }
            LOG.warn("{} could not be written, trying again in {} s", file, retryPause.toSeconds() * attempt, e);
            pause(attempt);
            return write(folder, step, section, attempt + 1);
        }
    }

    private Checkpoint.Part write(Path file, long step, StateSection section) throws IOException {
        MessageDigest sha256 = sha256();
        Map<String, String> metadata = Map.of("section", section.name(), "step", Long.toString(step));
        long bytes;
        try (FSDataOutputStream out = files.create(file, false)) {
            Safetensors.write(section, metadata, new DigestOutputStream(out, sha256));
            WholeFile.sync(files, file, out);
            bytes = out.getPos();
        }
        return new Checkpoint.Part(
                section.name(),
                section.rank(),
                section.ranks(),
                bytes,
                HexFormat.of().formatHex(sha256.digest()));
    }

    private void pause(int attempt) throws InterruptedIOException {
        try {
            Thread.sleep(retryPause.toMillis() * attempt);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting to write again");
        }
    }

    /** All that lies beside the manifest and is not of the attempt that it names. */
    private void deleteOtherFiles(Checkpoint checkpoint) {
        try {
            for (FileStatus entry : entries(new Path(checkpoint.location()))) {
                String name = entry.getPath().getName();
                if (!name.equals(MANIFEST) && !name.equals(checkpoint.attempt())) {
                    deleteQuietly(entry.getPath());
                }
            }
        } catch (CheckpointFailedException e) {
            // they only take room
            LOG.warn("what earlier attempts left in {} was not removed", checkpoint, e);
        }
    }

    private void deleteQuietly(Path path) {
        try {
            files.delete(path, true);
        } catch (IOException | FSError e) {
            LOG.warn("{} could not be removed: {}", path, e.toString());
        }
    }

    private void deleteDurably(Path file) {
        deleteQuietly(file);
        try {
            WholeFile.syncFolder(files, file.getParent());
        } catch (IOException e) {
            LOG.warn("a loss of power may bring back {}: {}", file, e.toString());
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

    /** Folders of checkpoints that were published, newest first. */
    private List<Path> published() {
        return steps().stream()
                .filter(folder -> hasManifest(folder) || isOlderVersion(folder))
                .toList();
    }

    /** Up to version 2 files lay in this folder only once they were published: their manifest was lost. */
    private boolean isOlderVersion(Path folder) {
        return entries(folder).stream()
                .anyMatch(entry -> entry.isFile() && entry.getPath().getName().endsWith(".safetensors"));
    }

    /** Folders of all steps, those whose save has not ended included, newest first. */
    private List<Path> steps() {
        return entries(root).stream()
                .map(FileStatus::getPath)
                .filter(path -> STEP.matcher(path.getName()).matches())
                .sorted(Comparator.comparingLong(CheckpointStore::step).reversed())
                .toList();
    }

    private static long step(Path folder) {
        return Long.parseLong(folder.getName().split("-", 2)[1]);
    }

    private boolean hasManifest(Path folder) {
        try {
            return files.exists(new Path(folder, MANIFEST));
        } catch (IOException e) {
            throw new CheckpointFailedException("cannot look into checkpoint " + folder + ": " + e.getMessage(), e);
        }
    }

    private List<FileStatus> entries(Path folder) {
        try {
            return List.of(files.listStatus(folder));
        } catch (FileNotFoundException none) {
            return List.of();
        } catch (IOException e) {
            throw new CheckpointFailedException("cannot list " + folder + ": " + e.getMessage(), e);
        }
    }

    private Checkpoint readManifest(Path folder) throws IOException {
        try (InputStream in = files.open(new Path(folder, MANIFEST))) {
            Manifest manifest = JSON.readValue(in.readAllBytes(), Manifest.class);
            if (!FORMAT.equals(manifest.format) || manifest.version < 1 || manifest.version > VERSION) {
                throw new IOException("it has format " + manifest.format + " version " + manifest.version
                        + ", this program reads " + FORMAT + " up to version " + VERSION);
            }
            return new Checkpoint(
                    folder.toString(),
                    manifest.attempt,
                    manifest.step,
                    manifest.parts,
                    manifest.attachments,
                    manifest.about);
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
     * skipped, with an error in the log; saves that have not ended are, with a warning if there is nothing else.
     *
     * @return empty when there is no checkpoint
     * @throws UserException when there are checkpoints, and all are damaged
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
            throw UserException.of(
                    "no checkpoint in " + root + " is whole; to start from scratch, use another folder", damages);
        }
        if (!steps().isEmpty()) {
            LOG.warn("{} holds no checkpoint, only saves that never ended: {}", root, steps());
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
        List<String> problems = Stream.concat(
                        checkpoint.parts().stream()
                                .map(part -> damage(
                                        new Path(checkpoint.folder(), part.file()), part.bytes(), part.sha256())),
                        checkpoint.attachments().stream()
                                .map(file -> damage(
                                        new Path(checkpoint.folder(), file.name()), file.bytes(), file.sha256())))
                .flatMap(Optional::stream)
                .toList();
        if (problems.isEmpty()) {
            verified.add(checkpoint);
        } else {
            verified.remove(checkpoint);
        }
        return problems;
    }

    /** Reads a file; what is not as its manifest says. */
    private Optional<String> damage(Path file, long wantedBytes, String wantedSha256) {
        MessageDigest sha256 = sha256();
        try (InputStream in = new DigestInputStream(files.open(file), sha256)) {
            long bytes = in.transferTo(OutputStream.nullOutputStream());
            String found = HexFormat.of().formatHex(sha256.digest());
            if (bytes != wantedBytes) {
                return Optional.of(file + " has " + bytes + " bytes, its manifest says " + wantedBytes);
            }
            return found.equals(wantedSha256)
                    ? Optional.empty()
                    : Optional.of(file + " has SHA-256 " + found + ", its manifest says " + wantedSha256);
        } catch (IOException e) {
            return Optional.of(file + " cannot be read: " + e);
        }
    }

    /**
     * Reads a checkpoint, whatever number of workers wrote it, into the buffers of a training state or of a worker's
     * share of it. Nothing is written unless all names, shapes and types agree. Files without anything for this state
     * are not read.
     *
     * @throws UserException when it is the checkpoint of another model
     * @throws CheckpointFailedException when a file is not what the manifest says; the state is then undefined
     */
    public void load(Checkpoint checkpoint, List<StateSection> sections) {
        Map<String, StateSection> byName =
                sections.stream().collect(Collectors.toMap(StateSection::name, section -> section));
        try {
            for (Checkpoint.Part part : needed(checkpoint, byName)) {
                read(new Path(checkpoint.folder(), part.file()), part, requireNonNull(byName.get(part.section())));
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
            throw UserException.of("checkpoint " + checkpoint + " is of another model", problems);
        }
        return needed;
    }

    private List<Safetensors.Entry> header(Checkpoint checkpoint, Checkpoint.Part part) throws IOException {
        try (InputStream in = files.open(new Path(checkpoint.folder(), part.file()))) {
            return Safetensors.readHeader(in, part.file());
        }
    }

    private void read(Path file, Checkpoint.Part part, StateSection section) throws IOException {
        MessageDigest sha256 = sha256();
        try (InputStream in = new DigestInputStream(files.open(file), sha256)) {
            Safetensors.readElements(in, part.file(), Safetensors.readHeader(in, part.file()), section);
            in.transferTo(OutputStream.nullOutputStream());
        }
        if (!HexFormat.of().formatHex(sha256.digest()).equals(part.sha256())) {
            throw new IOException(file + " does not have the SHA-256 of its manifest");
        }
    }

    /**
     * Removes the oldest checkpoints, and what saves have left that ended too early.
     *
     * @param keep how many stay, counting only whole ones: those whose content was compared with their manifests since
     *     they were written, by this store or now; 0 keeps all
     * @param permanentEverySteps those of multiples of this step stay for ever, and do not count; 0 for none
     * @param best the checkpoint of this step stays, too, and does not count; 0 for none
     * @return what was removed
     */
    public List<Checkpoint> prune(int keep, long permanentEverySteps, long best) {
        int kept = 0;
        long newestWhole = -1;
        List<Checkpoint> removed = new ArrayList<>();
        for (Checkpoint checkpoint : list()) {
            boolean besides = checkpoint.step() == best
                    || (permanentEverySteps > 0 && checkpoint.step() % permanentEverySteps == 0);
            if (keep > 0 && kept >= keep && !besides) {
                // without its manifest nobody takes it for whole while its files vanish
                deleteDurably(new Path(checkpoint.location(), MANIFEST));
                deleteQuietly(new Path(checkpoint.location()));
                removed.add(checkpoint);
            } else if (kept < Math.max(1, keep) && !(besides && kept > 0)) {
                if (isWhole(checkpoint)) {
                    kept++;
                    newestWhole = Math.max(newestWhole, checkpoint.step());
                } else {
                    LOG.warn("checkpoint {} is damaged: it does not count as kept, and stays", checkpoint);
                }
            }
        }
        deleteUnfinished(newestWhole);
        return removed;
    }

    private boolean isWhole(Checkpoint checkpoint) {
        return (verified.contains(checkpoint) && hasAllFiles(checkpoint))
                || damage(checkpoint).isEmpty();
    }

    private boolean hasAllFiles(Checkpoint checkpoint) {
        try {
            for (Checkpoint.Part part : checkpoint.parts()) {
                if (files.getFileStatus(new Path(checkpoint.folder(), part.file()))
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

    /**
     * Saves end in the order of their steps: what is left behind the newest whole checkpoint nobody writes any more.
     */
    private void deleteUnfinished(long newestWhole) {
        for (Path folder : steps()) {
            if (step(folder) < newestWhole && !hasManifest(folder) && !isOlderVersion(folder)) {
                deleteQuietly(folder);
            }
        }
        for (FileStatus entry : entries(root)) {
            // what version 2 left
            if (entry.getPath().getName().startsWith("_temporary-")) {
                deleteQuietly(entry.getPath());
            }
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
