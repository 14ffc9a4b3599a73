package org.hopespark.cluster;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.files.WholeFile;
import org.hopespark.model.StateSection;

/** Writes the files of a checkpoint, one a section, and reads each back. A file that fails is written again. */
final class PartWriter {
    private static final Logger LOG = LogManager.getLogger(PartWriter.class);

    /** How often a file is written at most. */
    static final int TRIES = 3;

    private final FileSystem files;
    private final CheckpointFolders folders;
    private final CheckpointVerifier verifier;
    private final Duration retryPause;

    /**
     * A writer.
     *
     * @param retryPause before the second try; longer before later ones
     */
    PartWriter(CheckpointFolders folders, CheckpointVerifier verifier, Duration retryPause) {
        this.files = folders.files();
        this.folders = folders;
        this.verifier = verifier;
        this.retryPause = retryPause;
    }

    /** Writes one worker's sections into the folder of an attempt. */
    List<Checkpoint.Part> write(Path folder, long step, List<StateSection> sections) throws IOException {
        WholeFile.makeFolder(files, folder);
        List<Checkpoint.Part> parts = new ArrayList<>();
        for (StateSection section : sections) {
            parts.add(write(folder, step, section, 1));
        }
        WholeFile.syncFolder(files, folder);
        return parts;
    }

    private Checkpoint.Part write(Path folder, long step, StateSection section, int attempt) throws IOException {
        Checkpoint.Part unwritten = new Checkpoint.Part(section.name(), section.rank(), section.ranks(), 0, "");
        Path file = new Path(folder, unwritten.file());
        try {
            Checkpoint.Part part = write(file, step, section);
            Optional<String> damage = verifier.damage(file, part.bytes(), part.sha256());
            if (damage.isPresent()) {
                throw new IOException("written, but " + damage.get());
            }
            return part;
        } catch (IOException | FSError e) {
            folders.deleteQuietly(file);
            if (attempt == TRIES) {
                throw e;
            }
            LOG.warn("{} could not be written, trying again in {} s", file, retryPause.toSeconds() * attempt, e);
            pause(attempt);
            return write(folder, step, section, attempt + 1);
        }
    }

    private Checkpoint.Part write(Path file, long step, StateSection section) throws IOException {
        MessageDigest sha256 = DigestUtils.getSha256Digest();
        Map<String, String> metadata = Map.of("section", section.name(), "step", Long.toString(step));
        long bytes;
        try (FSDataOutputStream out = files.create(file, false)) {
            Safetensors.write(section, metadata, new DigestOutputStream(out, sha256));
            WholeFile.sync(files, file, out);
            bytes = out.getPos();
        }
        return new Checkpoint.Part(
                section.name(), section.rank(), section.ranks(), bytes, Hex.encodeHexString(sha256.digest()));
    }

    private void pause(int attempt) throws InterruptedIOException {
        try {
            Thread.sleep(retryPause.toMillis() * attempt);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting to write again");
        }
    }
}
