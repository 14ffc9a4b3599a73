package org.hopespark.model.eval.synthetic;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.model.BoundarySync;
import org.hopespark.model.DivergedException;
import org.hopespark.model.ElementType;
import org.hopespark.model.Network;
import org.hopespark.model.StepReport;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.TrainingLoop;
import org.hopespark.model.eval.Measurement;

/**
 * Trains a small model for a task from scratch and scores it. The model is that of a configuration but for its
 * vocabulary and context, which the task sets; its levels keep their periods.
 */
public final class TrainAndScore {
    private static final Logger LOG = LogManager.getLogger(TrainAndScore.class);
    private static final long NANOS_BETWEEN_LINES = 10_000_000_000L;
    private static final int EXAMINATIONS_OF_A_RUN = 20;
    private static final int STEPS_TO_WARM_UP = 100;
    /** A mean of ones need not be one. */
    private static final double ROUNDING = 1e-9;

    private final RunConfig config;
    private final TrainSettings settings;
    private final int gpu;

    /**
     * A trainer.
     *
     * @param config of the model
     * @param gpu number of the GPU, or -1 for the CPU
     */
    public TrainAndScore(RunConfig config, TrainSettings settings, int gpu) {
        this.config = config;
        this.settings = settings;
        this.gpu = gpu;
    }

    /** A trainer on the CPU. */
    public TrainAndScore(RunConfig config, TrainSettings settings) {
        this(config, settings, -1);
    }

    /**
     * One run of the grid.
     *
     * @param steps it took
     * @param validation mean over the parts of the test, on examples of their own; 0 where it has diverged
     */
    public record Run(
            double learningRate, double weightDecay, long seed, long steps, double validation, double seconds) {}

    /**
     * What came of it.
     *
     * @param measurements of the best run on each part of the test
     * @param best the run with the best validation, the first of equals
     * @param runs all of them
     */
    public record Outcome(String task, List<Measurement> measurements, Run best, List<Run> runs) {
        public Outcome {
            measurements = List.copyOf(measurements);
            runs = List.copyOf(runs);
        }
    }

    /**
     * Trains and scores.
     *
     * @throws UserException if the model cannot be made for the task, or every run has diverged
     */
    public Outcome run(SyntheticTask task) {
        List<TokenBatch.Sequence> examples = task.trainExamples(settings.dataSeed(), settings.trainExamples());
        Examination validation =
                new Examination(task, "validation", settings.dataSeed(), settings.validationExamples());
        Examination test = new Examination(task, "test", settings.dataSeed(), settings.testExamples());
        List<Run> grid = grid();
        List<Run> runs = new ArrayList<>();
        List<Measurement> measurements = List.of();
        Run best = new Run(0, 0, 0, 0, -1, 0);
        for (Run plan : grid) {
            LengthGroupedBatches batches = new LengthGroupedBatches(examples, settings.batchSequences(), plan.seed());
            RunConfig trained = trained(task, plan, batches.stepsOfEpoch());
            String place = String.format(
                    Locale.ROOT,
                    "%s, run %d of %d (learning rate %s, weight decay %s, seed %d)",
                    task.name(),
                    runs.size() + 1,
                    grid.size(),
                    plan.learningRate(),
                    plan.weightDecay(),
                    plan.seed());
            try (Network network = network(task, trained)) {
                Run run = train(place, plan, trained, network, batches, validation);
                runs.add(run);
                LOG.info(
                        "{}: validation {} after {} steps, {} s",
                        place,
                        run.validation(),
                        run.steps(),
                        Math.round(run.seconds()));
                if (run.validation() > best.validation()) {
                    measurements = test.measure(network);
                    best = run;
                }
            } catch (DivergedException e) {
                LOG.warn("{}: {}", place, e.getMessage());
                runs.add(new Run(plan.learningRate(), plan.weightDecay(), plan.seed(), 0, 0, 0));
            }
            if (best.validation() >= settings.stopAt() - ROUNDING) {
                break;
            }
        }
        if (measurements.isEmpty()) {
            throw new UserException("training for " + task.name() + " has diverged at all learning rates "
                    + settings.learningRates() + ": take lower ones");
        }
        return new Outcome(task.name(), measurements, best, runs);
    }

    private List<Run> grid() {
        List<Run> grid = new ArrayList<>();
        for (double learningRate : settings.learningRates()) {
            for (double weightDecay : settings.weightDecays()) {
                for (long seed : settings.seeds()) {
                    grid.add(new Run(learningRate, weightDecay, seed, 0, 0, 0));
                }
            }
        }
        return grid;
    }

    private RunConfig trained(SyntheticTask task, Run plan, long stepsOfEpoch) {
        long steps = settings.epochs() * stepsOfEpoch;
        if (settings.maxSteps() > 0) {
            steps = Math.min(steps, settings.maxSteps());
        }
        int unit = config.model().contextUnit();
        for (int tokens : config.levels().stream()
                .mapToInt(level -> level.inContextTokens())
                .toArray()) {
            unit = Math.max(unit, tokens);
        }
        int context = (task.contextTokens() + unit - 1) / unit * unit;
        return config.with(List.of(
                "seed=" + plan.seed(),
                "model.vocabulary-size=" + task.vocabularySize(),
                "model.context-tokens=" + context,
                "training.steps=" + steps,
                "training.warmup-steps=" + Math.min(STEPS_TO_WARM_UP, steps / 10),
                "training.batch-sequences=" + settings.batchSequences(),
                "training.learning-rate=" + plan.learningRate(),
                "training.weight-decay=" + plan.weightDecay(),
                "training.statistics-every-steps=0",
                "checkpoint.every-steps=" + steps,
                "checkpoint.permanent-every-steps=0"));
    }

    private Network network(SyntheticTask task, RunConfig trained) {
        return switch (task.output()) {
            case CAUSAL -> new Network(trained, ElementType.FLOAT32, gpu);
            case AUTO_ENCODER -> Network.autoEncoder(trained, ElementType.FLOAT32, gpu);
        };
    }

    private Run train(
            String place,
            Run plan,
            RunConfig trained,
            Network network,
            LengthGroupedBatches batches,
            Examination validation) {
        long started = System.nanoTime();
        long steps = trained.training().steps();
        Progress progress = new Progress(place, steps, started);
        TrainingLoop loop =
                new TrainingLoop(trained, network, BoundarySync.alone(), batches, progress, (step, windows) -> {});
        long every = Math.max(1, (steps + EXAMINATIONS_OF_A_RUN - 1) / EXAMINATIONS_OF_A_RUN);
        long done = 0;
        double score = 0;
        while (done < steps && score < settings.stopAt() - ROUNDING) {
            long next = Math.min(steps, done + every);
            BoundarySync.StopRequest unused = loop.run(done + 1, next);
            done = next;
            score = validation.mean(network);
            progress.validated(score);
        }
        return new Run(
                plan.learningRate(),
                plan.weightDecay(),
                plan.seed(),
                done,
                score,
                (System.nanoTime() - started) * 1e-9);
    }

    /** Tells now and then how far a run is. */
    private static final class Progress implements TrainingLoop.Listener {
        private final String place;
        private final long steps;
        private final long started;
        private long told;
        private double validation;

        Progress(String place, long steps, long started) {
            this.place = place;
            this.steps = steps;
            this.started = started;
            told = started;
        }

        void validated(double score) {
            validation = score;
        }

        @Override
        public void finished(StepReport report) {
            long now = System.nanoTime();
            if (now - told >= NANOS_BETWEEN_LINES) {
                LOG.info(
                        "{}: step {} of {}, {} nats a target, validation {}, {} s left at most",
                        place,
                        report.step(),
                        steps,
                        String.format(Locale.ROOT, "%.4f", report.lossSum() / report.targets()),
                        String.format(Locale.ROOT, "%.3f", validation),
                        Math.round((now - started) * 1e-9 / report.step() * (steps - report.step())));
                told = now;
            }
        }
    }
}
