package org.hopespark.cluster;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.UserException;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.StateSection;

/**
 * Reads the files of a checkpoint into a training state.
 *
 * @param files the file system of the checkpoint
 */
record CheckpointReader(FileSystem files) {
    /** See {@link CheckpointStore#load}. */
    void load(Checkpoint checkpoint, List<StateSection> sections) {
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
        problems.addAll(missing(checkpoint, sections, found));
        if (!problems.isEmpty()) {
            throw UserException.of("checkpoint " + checkpoint + " is of another model", problems);
        }
        return needed;
    }

    /**
     * Sections that the checkpoint does not have, and tensors that its files do not cover.
     *
     * @param found elements in the files, by {@code section/tensor}
     */
    private static List<String> missing(
            Checkpoint checkpoint, Map<String, StateSection> sections, Map<String, Long> found) {
        List<String> problems = new ArrayList<>();
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
        return problems;
    }

    private List<Safetensors.Entry> header(Checkpoint checkpoint, Checkpoint.Part part) throws IOException {
        try (InputStream in = files.open(new Path(checkpoint.folder(), part.file()))) {
            return Safetensors.readHeader(in, part.file());
        }
    }

    private void read(Path file, Checkpoint.Part part, StateSection section) throws IOException {
        MessageDigest sha256 = DigestUtils.getSha256Digest();
        try (InputStream in = new DigestInputStream(files.open(file), sha256)) {
            Safetensors.readElements(in, part.file(), Safetensors.readHeader(in, part.file()), section);
            in.transferTo(OutputStream.nullOutputStream());
        }
        if (!Hex.encodeHexString(sha256.digest()).equals(part.sha256())) {
            throw new IOException(file + " does not have the SHA-256 of its manifest");
        }
    }
}
