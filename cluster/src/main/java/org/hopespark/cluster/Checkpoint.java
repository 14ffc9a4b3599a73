package org.hopespark.cluster;

import java.util.List;
import java.util.Map;

/**
 * A published checkpoint: what its manifest says.
 *
 * @param location of its folder
 * @param step after which it was taken
 * @param parts its files, one a section of the training state
 * @param about what the run wrote down about itself: configuration, data set, versions
 */
public record Checkpoint(String location, long step, List<Part> parts, Map<String, String> about) {
    public Checkpoint {
        parts = List.copyOf(parts);
        about = Map.copyOf(about);
    }

    /**
     * One file.
     *
     * @param section whose tensors it holds
     * @param bytes its length
     * @param sha256 of the whole file, in hexadecimal
     */
    public record Part(String section, long bytes, String sha256) {
        String file() {
            return section + ".safetensors";
        }
    }

    @Override
    public String toString() {
        return location;
    }
}
