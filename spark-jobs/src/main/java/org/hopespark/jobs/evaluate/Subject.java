package org.hopespark.jobs.evaluate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * What is evaluated: a checkpoint, or a model that is trained for the task.
 *
 * @param location URI of a checkpoint, or the name of a model
 * @param identity hash of its content; empty if it cannot be read
 * @param label its name for people
 */
record Subject(String location, String identity, String label) {
    private static final Logger LOG = LogManager.getLogger(Subject.class);

    /** Checkpoints at these places. One that has gone has no identity. */
    static List<Subject> checkpoints(List<String> locations, TextFiles text) {
        Map<String, String> labels = Checkpoints.labels(locations);
        List<Subject> result = new ArrayList<>();
        for (String location : locations) {
            String identity = "";
            try {
                identity = Checkpoints.identity(location, text);
            } catch (IOException e) {
                LOG.warn("{} cannot be read", location, e);
            }
            result.add(new Subject(location, identity, labels.getOrDefault(location, location)));
        }
        return result;
    }
}
