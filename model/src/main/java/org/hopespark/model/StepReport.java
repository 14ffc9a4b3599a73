package org.hopespark.model;

import java.util.List;
import java.util.Optional;
import org.hopespark.conf.Level;

/**
 * What one worker did in one step. Sums, not means: means are taken when all workers are added up.
 *
 * @param step from 1
 * @param lossSum negative log-likelihoods of this worker's targets, in nats
 * @param targets this worker's target tokens
 * @param learningRate of the run at this step
 * @param dataSeconds waiting for the batch
 * @param forwardSeconds up to the loss
 * @param backwardSeconds from the loss to the gradients
 * @param exposedSeconds waiting for other workers and nothing else
 * @param seconds of the whole step
 * @param levels those that were exchanged
 * @param statistics at some steps, by worker 0
 */
public record StepReport(
        long step,
        double lossSum,
        long targets,
        double learningRate,
        double dataSeconds,
        double forwardSeconds,
        double backwardSeconds,
        double exposedSeconds,
        double seconds,
        List<LevelReport> levels,
        Optional<Statistics> statistics) {
    public StepReport {
        levels = List.copyOf(levels);
    }

    /**
     * What is looked at now and then.
     *
     * @param blocks inner learning in the first sequence of worker 0's batch; empty without self-modifying Titans
     * @param drift of every level from its start
     * @param findings what is wrong with the inner learning
     */
    public record Statistics(List<InnerStatistics.Summary> blocks, List<Double> drift, List<Finding> findings) {
        public Statistics {
            blocks = List.copyOf(blocks);
            drift = List.copyOf(drift);
            findings = List.copyOf(findings);
        }
    }

    /**
     * A level at its boundary.
     *
     * @param exchange what meeting the other workers cost
     * @param gradientNorm norm of the window's mean gradient before clipping
     */
    public record LevelReport(Level level, Exchange exchange, double gradientNorm) {}
}
