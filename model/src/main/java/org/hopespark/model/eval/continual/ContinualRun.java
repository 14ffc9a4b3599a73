package org.hopespark.model.eval.continual;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Network;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.Likelihood;
import org.hopespark.model.eval.Measurement;
import org.hopespark.model.eval.Scorer;
import org.hopespark.model.eval.TextEncoder;
import org.hopespark.model.eval.TokenLanguageModel;

/**
 * Learns a stream of classes with one method, and after each task asks for the labels of the test texts of all tasks so
 * far.
 *
 * <p>The answer is the label, of those seen so far, with the highest summed log-likelihood ({@code acc}), or with the
 * highest one a token ({@code acc_norm}); the first of equals. For forward transfer each task is also tested just
 * before it is learned, and before any is; its own labels are then among the candidates.
 */
public final class ContinualRun {
    private static final Logger LOG = LogManager.getLogger(ContinualRun.class);

    private final ContinualSettings settings;
    private final ClassStream stream;
    private final Learner learner;
    private final LabelScores scores;
    private final Progress progress;

    /**
     * A run.
     *
     * @param config of the network
     * @param network with the parameters to start from; it is changed, and its optimizer must not have moved yet
     * @param scorer of the same network
     * @param batchSize sequences that are scored at once
     */
    public ContinualRun(
            RunConfig config,
            Network network,
            Scorer scorer,
            TextEncoder encoder,
            int batchSize,
            LabelledTexts texts,
            ContinualSettings settings) {
        this.settings = settings;
        stream = ClassStream.of(texts, settings);
        progress = new Progress("continual learning, " + settings.method().title(), passes());
        Prompts prompts = new Prompts(encoder, texts.labels(), scorer.maxTokens());
        scores = new LabelScores(
                new TokenLanguageModel(encoder, scorer, EvaluationSettings.DEFAULT.withBatchSize(batchSize)),
                prompts,
                progress);
        FineTuning tuning = new FineTuning(config, network, prompts, settings, progress);
        int batch = settings.batch();
        learner = switch (settings.method()) {
            case NAIVE, FROZEN, LEVELS, FAST_LEVELS -> new Sequential(tuning, batch);
            case JOINT -> new Joint(tuning, batch);
            case REPLAY -> new Replay(tuning, batch, settings.buffer());
            case EWC -> new ElasticWeights(tuning, batch, settings.lambda());
            case LWF -> new Distillation(tuning, batch, settings.alpha(), scores);
            case IN_CONTEXT -> new Demonstrations(prompts);
            case INCA ->
                new NearestClasses(
                        question -> network.inference().features(encoder.encode(question)),
                        config.model().width(),
                        prompts,
                        progress);
        };
    }

    /** Answers to the test texts of one task. */
    @SuppressWarnings("ArrayRecordComponent") // plain columns
    private record Answers(double[] correct, double[] correctByToken, int candidates) {
        double accuracy() {
            return Arrays.stream(correct).average().orElseThrow();
        }

        double accuracyByToken() {
            return Arrays.stream(correctByToken).average().orElseThrow();
        }
    }

    /** Learns and tests; the network is changed. */
    public List<Measurement> measure() {
        int tasks = stream.stages().size();
        List<Answers> untrained = new ArrayList<>();
        for (int j = 0; j < tasks; j++) {
            untrained.add(ask(j, stream.classes(j + 1)));
        }
        List<List<Answers>> matrix = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            progress.phase("task " + (i + 1) + " of " + tasks);
            learner.learn(stream.stages().get(i));
            List<Answers> row = new ArrayList<>();
            for (int j = 0; j <= i; j++) {
                row.add(ask(j, stream.classes(i + 1)));
            }
            if (i + 1 < tasks) {
                row.add(ask(i + 1, stream.classes(i + 2)));
            }
            matrix.add(row);
            LOG.info(
                    "{}: learned task {} of {}, accuracy on each so far {}",
                    settings.method().title(),
                    i + 1,
                    tasks,
                    row.subList(0, i + 1).stream()
                            .map(each -> Math.round(1000 * each.accuracy()) / 1000.0)
                            .toList());
        }
        return results(untrained, matrix);
    }

    private Answers ask(int task, List<Integer> candidates) {
        List<Example> tests = stream.stages().get(task).test();
        List<String> questions = tests.stream().map(Prompts::question).toList();
        List<List<Integer>> asked = questions.stream()
                .map(question -> learner.candidates(question, candidates))
                .toList();
        List<List<Likelihood>> said = scores.ofEach(
                IntStream.range(0, questions.size())
                        .mapToObj(i -> learner.context(questions.get(i), asked.get(i)) + questions.get(i))
                        .toList(),
                asked);
        double[] correct = new double[tests.size()];
        double[] byToken = new double[tests.size()];
        for (int i = 0; i < tests.size(); i++) {
            int label = tests.get(i).label();
            correct[i] = asked.get(i).get(best(said.get(i), Likelihood::logLikelihood)) == label ? 1 : 0;
            byToken[i] =
                    asked.get(i).get(best(said.get(i), each -> each.logLikelihood() / each.tokens())) == label ? 1 : 0;
        }
        return new Answers(correct, byToken, candidates.size());
    }

    private static int best(List<Likelihood> said, ToDoubleFunction<Likelihood> score) {
        int best = 0;
        for (int i = 1; i < said.size(); i++) {
            if (score.applyAsDouble(said.get(i)) > score.applyAsDouble(said.get(best))) {
                best = i;
            }
        }
        return best;
    }

    private List<Measurement> results(List<Answers> untrained, List<List<Answers>> matrix) {
        List<Measurement> result = new ArrayList<>(summary("", untrained, matrix, Answers::accuracy));
        result.addAll(summary("_norm", untrained, matrix, Answers::accuracyByToken));
        for (int j = 0; j < untrained.size(); j++) {
            result.addAll(entry(0, j, untrained.get(j)));
        }
        for (int i = 0; i < matrix.size(); i++) {
            for (int j = 0; j < matrix.get(i).size(); j++) {
                result.addAll(entry(i + 1, j, matrix.get(i).get(j)));
            }
        }
        return result;
    }

    private static List<Measurement> entry(int learned, int task, Answers answers) {
        String part = "learned=" + learned + ",task=" + (task + 1);
        double chance = 1.0 / answers.candidates();
        return List.of(
                Measurement.mean("acc", answers.correct(), chance).of(part),
                Measurement.mean("acc_norm", answers.correctByToken(), chance).of(part));
    }

    private List<Measurement> summary(
            String suffix, List<Answers> untrained, List<List<Answers>> matrix, ToDoubleFunction<Answers> accuracy) {
        AccuracyMatrix a = new AccuracyMatrix(
                matrix.stream()
                        .map(row -> row.stream().mapToDouble(accuracy).toArray())
                        .toArray(double[][]::new),
                untrained.stream().mapToDouble(accuracy).toArray());
        int tasks = matrix.size();
        long n =
                stream.stages().stream().mapToLong(stage -> stage.test().size()).sum();
        long first = n - stream.stages().get(0).test().size();
        long earlier = n - stream.stages().get(tasks - 1).test().size();
        double learning = untrained.stream()
                .mapToDouble(each -> 1.0 / each.candidates())
                .average()
                .orElse(Double.NaN);
        double chance = 1.0 / stream.classes(tasks).size();
        int[] classes = stream.stages().stream()
                .mapToInt(stage -> stage.classes().size())
                .toArray();
        List<Measurement> result = new ArrayList<>(List.of(
                summary("average_accuracy" + suffix, a.averageAccuracy(), n, chance),
                summary("class_weighted_accuracy" + suffix, a.classWeightedAccuracy(classes), n, chance),
                summary("learning_accuracy" + suffix, a.learningAccuracy(), n, learning)));
        if (tasks > 1) {
            result.add(summary("forgetting" + suffix, a.forgetting(), earlier, Double.NaN));
            result.add(summary("backward_transfer" + suffix, a.backwardTransfer(), earlier, Double.NaN));
            result.add(summary("forward_transfer" + suffix, a.forwardTransfer(), first, Double.NaN));
        }
        return result;
    }

    private static Measurement summary(String metric, double value, long n, double chance) {
        return new Measurement(metric, "", value, Double.NaN, n, chance);
    }

    /** Sequences that go through the network, those that are learned from counted as what they cost. */
    private long passes() {
        long result = 0;
        long trained = 0;
        for (int i = 0; i < stream.stages().size(); i++) {
            ClassStream.Stage stage = stream.stages().get(i);
            long tests = stream.stages().subList(0, i + 1).stream()
                    .mapToLong(each -> each.test().size())
                    .sum();
            int classes = stream.classes(i + 1).size();
            result += (tests + stage.test().size())
                    * (settings.method() == Method.INCA ? Math.min(NearestClasses.CANDIDATES, classes) : classes);
            result += i == 0 ? 0 : (long) stage.test().size() * classes;
            long once = stage.train().size();
            trained += once;
            long epochs = Progress.TRAINED * settings.epochs();
            result += switch (settings.method()) {
                case NAIVE, FROZEN, LEVELS, FAST_LEVELS -> epochs * once;
                case JOINT -> epochs * trained;
                case REPLAY -> epochs * once * 2;
                case EWC -> (epochs + Progress.TRAINED) * once;
                case LWF ->
                    epochs * once * (i == 0 ? 1 : 3)
                            + (1 + settings.epochs()) * once * stream.classes(i).size();
                case IN_CONTEXT -> 0;
                case INCA -> once;
            };
        }
        return result;
    }
}
