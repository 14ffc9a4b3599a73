package org.hopespark.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Compares the files of checkpoints with their manifests, and remembers which were whole. */
final class CheckpointVerifier {
    private final FileSystem files;
    // whose content was compared with the manifest, by whoever wrote it or here
    private final Set<Checkpoint> verified = ConcurrentHashMap.newKeySet();

    CheckpointVerifier(FileSystem files) {
        this.files = files;
    }

    /** Takes a checkpoint for whole because whoever wrote it has read it back. */
    void wasWritten(Checkpoint checkpoint) {
        verified.add(checkpoint);
    }

    /** Whether all files are there, and their content was or now is compared with the manifest. */
    boolean isWhole(Checkpoint checkpoint) {
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

    /** Reads every file of the checkpoint in a folder: what is not as the manifest says. */
    List<String> damage(Path folder) {
        try {
            return damage(CheckpointManifest.read(files, folder));
        } catch (IOException e) {
            return List.of(new Path(folder, CheckpointManifest.FILE) + " cannot be read: " + e);
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
    Optional<String> damage(Path file, long wantedBytes, String wantedSha256) {
        MessageDigest sha256 = DigestUtils.getSha256Digest();
        try (InputStream in = new DigestInputStream(files.open(file), sha256)) {
            long bytes = in.transferTo(OutputStream.nullOutputStream());
            String found = Hex.encodeHexString(sha256.digest());
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
}
