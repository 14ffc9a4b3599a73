package org.hopespark.cluster;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.conf.UserException;
import org.hopespark.files.WholeFile;
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

    private final FileSystem files;
    private final Path root;
    private final CheckpointFolders folders;
    private final CheckpointVerifier verifier;
    private final CheckpointReader reader;
    private final PartWriter writer;

    /**
     * A store.
     *
     * @param location folder, with or without the scheme of a file system; made by the first save
     * @param hadoop settings of the file systems
     */
    public CheckpointStore(String location, Configuration hadoop) {
        this(folders(location, hadoop), Duration.ofSeconds(2));
    }

    CheckpointStore(FileSystem files, Path root, Duration retryPause) {
        this(new CheckpointFolders(files, root), retryPause);
    }

    private CheckpointStore(CheckpointFolders folders, Duration retryPause) {
        this.folders = folders;
        this.files = folders.files();
        this.root = folders.root();
        this.verifier = new CheckpointVerifier(files);
        this.reader = new CheckpointReader(files);
        this.writer = new PartWriter(folders, verifier, retryPause);
    }

    private static CheckpointFolders folders(String location, Configuration hadoop) {
        Path path = new Path(location);
        try {
            FileSystem files = WholeFile.system(path, hadoop);
            return new CheckpointFolders(files, files.makeQualified(path));
        } catch (IOException e) {
            throw new UserException("no file system for checkpoints at " + location + ": " + e.getMessage(), e);
        }
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
     * that fails is written again, {@value PartWriter#TRIES} times in all.
     *
     * @param attempt the same for all workers that write this checkpoint, and never used again
     * @throws CheckpointFailedException when it could not; no published checkpoint is touched
     */
    public List<Checkpoint.Part> write(long step, String attempt, List<StateSection> sections) {
        try {
            return writer.write(new Path(folders.of(step), attempt), step, sections);
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
        Path folder = folders.of(step);
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
            WholeFile.write(files, new Path(folder, CheckpointManifest.FILE), manifest(checkpoint));
        } catch (IOException | FSError e) {
            throw failed(step, e);
        }
        verifier.wasWritten(checkpoint);
        deleteOtherFiles(checkpoint);
        return checkpoint;
    }

    /** What a manifest says of a file beside the training state. */
    public static Checkpoint.Attachment attachment(String name, byte[] content) {
        return new Checkpoint.Attachment(name, content.length, DigestUtils.sha256Hex(content));
    }

    /** The {@code manifest.json} that makes a folder with these files a checkpoint. */
    public static byte[] manifest(Checkpoint checkpoint) {
        return CheckpointManifest.json(checkpoint);
    }

    /** Removes what an attempt has written of a checkpoint, unless that is published. */
    public void discard(long step, String attempt) {
        Path folder = folders.of(step);
        try {
            if (folders.hasManifest(folder)
                    && CheckpointManifest.read(files, folder).attempt().equals(attempt)) {
                LOG.warn("checkpoint {} is published, whatever failed after that", folder);
                return;
            }
            folders.deleteQuietly(new Path(folder, attempt));
            if (folders.entries(folder).isEmpty()) {
                folders.deleteQuietly(folder);
            }
        } catch (IOException | CheckpointFailedException e) {
            LOG.warn("what attempt {} left in {} was not removed: {}", attempt, folder, e.toString());
        }
    }

    private CheckpointFailedException failed(long step, Throwable e) {
        return new CheckpointFailedException("checkpoint of step " + step + " was not saved in " + root + ": " + e, e);
    }

    /** All that lies beside the manifest and is not of the attempt that it names. */
    private void deleteOtherFiles(Checkpoint checkpoint) {
        try {
            for (FileStatus entry : folders.entries(new Path(checkpoint.location()))) {
                String name = entry.getPath().getName();
                if (!name.equals(CheckpointManifest.FILE) && !name.equals(checkpoint.attempt())) {
                    folders.deleteQuietly(entry.getPath());
                }
            }
        } catch (CheckpointFailedException e) {
            // they only take room
            LOG.warn("what earlier attempts left in {} was not removed", checkpoint, e);
        }
    }

    /** All checkpoints with a readable manifest, newest first. */
    public List<Checkpoint> list() {
        List<Checkpoint> checkpoints = new ArrayList<>();
        for (Path folder : folders.published()) {
            try {
                checkpoints.add(CheckpointManifest.read(files, folder));
            } catch (IOException e) {
                LOG.error(
                        "checkpoint {} is damaged: its {} cannot be read: {}",
                        folder,
                        CheckpointManifest.FILE,
                        e.toString());
            }
        }
        return checkpoints;
    }

    /**
     * A checkpoint by its location; its files are not looked at.
     *
     * @throws CheckpointFailedException when its manifest cannot be read
     */
    public Checkpoint open(String location) {
        try {
            return CheckpointManifest.read(files, new Path(location));
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
        for (Path folder : folders.published()) {
            List<String> damage = verifier.damage(folder);
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
        if (!folders.steps().isEmpty()) {
            LOG.warn("{} holds no checkpoint, only saves that never ended: {}", root, folders.steps());
        }
        return Optional.empty();
    }

    /** Reads every file of every checkpoint, newest first: by location, what is not as the manifest says. */
    public Map<String, List<String>> damages() {
        Map<String, List<String>> damages = new LinkedHashMap<>();
        folders.published().forEach(folder -> damages.put(folder.toString(), verifier.damage(folder)));
        return damages;
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
        reader.load(checkpoint, sections);
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
                folders.deleteDurably(new Path(checkpoint.location(), CheckpointManifest.FILE));
                folders.deleteQuietly(new Path(checkpoint.location()));
                removed.add(checkpoint);
            } else if (kept < Math.max(1, keep) && !(besides && kept > 0)) {
                if (verifier.isWhole(checkpoint)) {
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

    /**
     * Saves end in the order of their steps: what is left behind the newest whole checkpoint nobody writes any more.
     */
    private void deleteUnfinished(long newestWhole) {
        for (Path folder : folders.steps()) {
            if (CheckpointFolders.step(folder) < newestWhole
                    && !folders.hasManifest(folder)
                    && !folders.isOlderVersion(folder)) {
                folders.deleteQuietly(folder);
            }
        }
        for (FileStatus entry : folders.entries(root)) {
            // what version 2 left
            if (entry.getPath().getName().startsWith("_temporary-")) {
                folders.deleteQuietly(entry.getPath());
            }
        }
    }
}
