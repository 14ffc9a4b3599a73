package org.hopespark.model.eval.synthetic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hopespark.model.Network;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.eval.Measurement;

/** What a network is asked, and how well it answers. */
final class Examination {
    private final SyntheticTask task;
    private final Map<String, List<TokenBatch.Sequence>> parts = new LinkedHashMap<>();

    /** Examples of all parts of the test; {@code limit} of each at most, 0 for all. */
    Examination(SyntheticTask task, String use, long seed, int limit) {
        this.task = task;
        for (Part part : task.tests()) {
            // in the order of lengths, so that batches are of like ones
            parts.put(
                    part.name(),
                    part.examples(use, seed, limit).stream()
                            .sorted(Comparator.comparingInt(example -> example.inputs().length))
                            .toList());
        }
    }

    /** The numbers of each part. */
    List<Measurement> measure(Network network) {
        List<Measurement> result = new ArrayList<>();
        parts.forEach((name, examples) -> task.metric().of(answers(network, examples), task.labels()).stream()
                .map(measurement -> measurement.of(name))
                .forEach(result::add));
        return result;
    }

    /** The mean over the parts of the number that comes first in each. */
    double mean(Network network) {
        return parts.values().stream()
                .mapToDouble(examples -> task.metric()
                        .of(answers(network, examples), task.labels())
                        .get(0)
                        .value())
                .average()
                .orElseThrow();
    }

    private static List<Answer> answers(Network network, List<TokenBatch.Sequence> examples) {
        List<Answer> answers = new ArrayList<>();
        for (TokenBatch batch : Rows.batches(examples)) {
            double[] greedy = network.scores(batch).greedy();
            for (int i = 0; i < batch.sequences().size(); i++) {
                long[] targets = batch.sequences().get(i).targets();
                double[] row = Arrays.copyOfRange(greedy, i * batch.tokens(), (i + 1) * batch.tokens());
                boolean[] right = new boolean[row.length];
                for (int t = 0; t < row.length; t++) {
                    right[t] = row[t] > 0;
                }
                answers.add(new Answer(targets, right));
            }
        }
        return answers;
    }
}
