package org.hopespark.cluster;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A published checkpoint: what its manifest says.
 *
 * @param location of its folder
 * @param attempt folder in it with the files of the attempt that has written them; empty where they lie beside the
 *     manifest, as up to version 2
 * @param step after which it was taken
 * @param parts its files: of each section of the training state one a worker that wrote it
 * @param attachments other files that belong to it, such as that of a tokenizer
 * @param about what the run wrote down about itself: configuration, data set, versions
 */
public record Checkpoint(
        String location,
        String attempt,
        long step,
        List<Part> parts,
        List<Attachment> attachments,
        Map<String, String> about) {
    public Checkpoint {
        parts = List.copyOf(parts);
        attachments = List.copyOf(attachments);
        about = Map.copyOf(about);
    }

    /**
     * One file.
     *
     * @param section whose tensors it holds
     * @param rank whose share of the section it is
     * @param ranks how many workers wrote the section; 1 where a file holds all of it
     * @param bytes its length
     * @param sha256 of the whole file, in hexadecimal
     */
    public record Part(String section, int rank, int ranks, long bytes, String sha256) {
        public Part {
            // version 1 of the manifest has whole sections only
            ranks = Math.max(1, ranks);
        }

        String file() {
            return section + (ranks == 1 ? "" : "." + rank + "-of-" + ranks) + ".safetensors";
        }
    }

    /** A file that is no part of the training state. */
    public record Attachment(String name, long bytes, String sha256) {}

    /** The same without the sections that are not chosen. */
    public Checkpoint only(Predicate<String> chosen) {
        return new Checkpoint(
                location,
                attempt,
                step,
                parts.stream().filter(part -> chosen.test(part.section())).toList(),
                attachments,
                about);
    }

    /** The same with the files of one worker only. */
    public Checkpoint of(int rank) {
        return new Checkpoint(
                location,
                attempt,
                step,
                parts.stream().filter(part -> part.rank() == rank).toList(),
                attachments,
                about);
    }

    /** Folder of its files. */
    public String folder() {
        return attempt.isEmpty() ? location : location + "/" + attempt;
    }

    /** Length of all files but the manifest. */
    public long bytes() {
        return parts.stream().mapToLong(Part::bytes).sum();
    }

    @Override
    public String toString() {
        return location;
    }
}
