package org.hopespark.jobs.evaluate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.run.RunFolder;
import org.hopespark.jobs.run.TextFiles;

/**
 * What is evaluated: a checkpoint, or a model that is trained for the task.
 *
 * @param location URI of a checkpoint, or the name of a model
 * @param identity hash of its content; empty if it cannot be read
 * @param label its name for people
 * @param config of the model, where it is known
 */
public record EvaluatedModel(String location, String identity, String label, Optional<RunConfig> config) {
    private static final Logger LOG = LogManager.getLogger(EvaluatedModel.class);

    /** Checkpoints at these places. One that has gone has no identity. */
    public static List<EvaluatedModel> checkpoints(List<String> locations, TextFiles text) {
        Map<String, String> labels = Checkpoints.labels(locations);
        List<EvaluatedModel> result = new ArrayList<>();
        for (String location : locations) {
            String identity = "";
            try {
                identity = Checkpoints.identity(location, text);
            } catch (IOException e) {
                LOG.warn("{} cannot be read", location, e);
            }
            result.add(new EvaluatedModel(
                    location, identity, labels.getOrDefault(location, location), config(location, text)));
        }
        return result;
    }

    /** A sweep does without it; a checkpoint that is damaged is reported by its cells. */
    private static Optional<RunConfig> config(String location, TextFiles text) {
        try {
            String folder =
                    Objects.requireNonNull(new Path(location).getParent()).toString();
            return Optional.of(RunFolder.config(new CheckpointStore(folder, text.hadoop()).open(location)));
        } catch (RuntimeException e) {
            LOG.debug("{} does not show its configuration", location, e);
            return Optional.empty();
        }
    }
}
