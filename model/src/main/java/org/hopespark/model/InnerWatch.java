package org.hopespark.model;

import java.util.List;
import java.util.Optional;
import org.hopespark.conf.RunConfig;

/** Looks at the inner learning of a network now and then, and when training has diverged. */
final class InnerWatch {
    private final RunConfig config;
    private final Network network;

    InnerWatch(RunConfig config, Network network) {
        this.config = config;
        this.network = network;
    }

    /** The first sequence of a batch and the drift of the levels; nothing where the step is not due. */
    Optional<StepReport.Statistics> statistics(long step, WorkerBatch batch) {
        long every = config.training().statisticsEverySteps();
        if (every == 0
                || (step != 1 && step % every != 0)
                || batch.microBatches().isEmpty()) {
            return Optional.empty();
        }
        TokenBatch.Sequence first = batch.microBatches().get(0).sequences().get(0);
        List<InnerStatistics> blocks = network.innerStatistics(new TokenBatch(List.of(first)));
        return Optional.of(new StepReport.Statistics(
                blocks.stream().map(InnerStatistics::summary).toList(),
                config.schedule().levels().stream().map(network.levels()::drift).toList(),
                InnerFindings.of(blocks, first, config.model())));
    }

    /**
     * The first memory of a batch that has left its bounds, or else the one that has moved furthest in its first
     * sequence, as the end of a message; parameters are as they were.
     */
    String whereItBegan(WorkerBatch batch) {
        Optional<String> found = Optional.empty();
        for (TokenBatch part : batch.microBatches()) {
            for (TokenBatch.Sequence sequence : part.sequences()) {
                List<InnerStatistics> blocks = network.innerStatistics(new TokenBatch(List.of(sequence)));
                Optional<String> state = InnerFindings.of(blocks, sequence, config.model()).stream()
                        .filter(finding -> finding.illness() == Illness.STATE)
                        .map(Finding::text)
                        .findFirst();
                if (state.isPresent()) {
                    return "; " + state.get();
                }
                found = found.isPresent() ? found : InnerFindings.furthest(blocks, sequence, config.model());
            }
        }
        return found.map(text -> "; " + text).orElse("");
    }
}
