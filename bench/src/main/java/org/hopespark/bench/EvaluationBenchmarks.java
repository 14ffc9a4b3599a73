package org.hopespark.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.hopespark.jobs.evaluate.Checkpoints;
import org.hopespark.jobs.evaluate.EvaluateJob;
import org.hopespark.jobs.evaluate.HopeCellRunner;
import org.hopespark.jobs.evaluate.Sweep;
import org.hopespark.jobs.evaluate.TaskSuites;
import org.hopespark.jobs.evaluate.TrainedModel;
import org.hopespark.jobs.spark.SparkSessions;
import org.hopespark.model.Network;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.eval.Evaluation;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.RequestCache;
import org.hopespark.model.eval.Scorer;
import org.hopespark.model.eval.TokenScores;
import org.hopespark.model.eval.Window;

/** How fast checkpoints are put to tasks. */
public final class EvaluationBenchmarks {
    private static final int FORWARD_ROUNDS = 3;

    private EvaluationBenchmarks() {}

    /**
     * One task on one model, on one thread.
     *
     * @param task its name
     * @param requests windows that were scored
     * @param tokens ids that the network is fed if each window is read alone, without those that fill up
     * @param filledTokens the same with those that fill up
     * @param forwardTokensPerSecond of full batches of the model's context, every token scored
     * @param plainSeconds each window read alone
     * @param sharedSeconds contexts that requests share read once
     * @param cachedSeconds all answers known
     */
    public record Row(
            String task,
            long requests,
            long tokens,
            long filledTokens,
            double forwardTokensPerSecond,
            double plainSeconds,
            double sharedSeconds,
            double cachedSeconds) {
        /** Scoring's tokens a second over those of the forward pass. */
        public double ofForward() {
            return tokens / plainSeconds / forwardTokensPerSecond;
        }

        /** The same with the tokens that fill up batches of texts of several lengths. */
        public double filledOfForward() {
            return filledTokens / plainSeconds / forwardTokensPerSecond;
        }
    }

    /** Measures each task on the newest of some checkpoints and reports each as it is known. */
    public static void scoring(
            String checkpoints, List<String> tasks, List<Path> folders, EvaluationSettings settings, Consumer<Row> row)
            throws IOException {
        Network.useThreads(1);
        Configuration hadoop = SparkSessions.hadoop();
        try (TrainedModel model = new TrainedModel(Checkpoints.newest(checkpoints, hadoop), "", hadoop)) {
            forward(model.network(), settings.batchSize());
            for (String task : tasks) {
                double forward = forward(model.network(), settings.batchSize());
                Counted counted = new Counted(model.scorer());
                double plain = seconds(task, folders, settings, model, counted, RequestCache.NONE);
                long requests = counted.requests;
                long tokens = counted.tokens;
                long filled = counted.filledTokens;
                Map<String, String> known = new HashMap<>();
                double shared = seconds(task, folders, settings, model, model.scorer(), new InMemory(known));
                double cached = seconds(task, folders, settings, model, model.scorer(), new InMemory(known));
                plain = Math.min(plain, seconds(task, folders, settings, model, counted, RequestCache.NONE));
                shared = Math.min(shared, seconds(task, folders, settings, model, model.scorer(), RequestCache.NONE));
                forward = Math.max(forward, forward(model.network(), settings.batchSize()));
                row.accept(new Row(task, requests, tokens, filled, forward, plain, shared, cached));
            }
        }
    }

    /** Seconds of a sweep on the executors of a session, into an empty folder. */
    public static double sweep(SparkSession spark, Sweep sweep) throws IOException {
        PrintWriter quiet = new PrintWriter(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        long begin = System.nanoTime();
        List<String> failures = new EvaluateJob(spark, new HopeCellRunner(), quiet).run(sweep);
        if (!failures.isEmpty()) {
            throw new IllegalStateException("cells failed: " + failures);
        }
        return (System.nanoTime() - begin) * 1e-9;
    }

    private static double seconds(
            String task,
            List<Path> folders,
            EvaluationSettings settings,
            TrainedModel model,
            Scorer scorer,
            RequestCache cache) {
        long begin = System.nanoTime();
        new Evaluation(model.encoder(), scorer, settings, cache).run(TaskSuites.named(task), folders);
        return (System.nanoTime() - begin) * 1e-9;
    }

    /** Tokens a second. */
    private static double forward(Network network, int sequences) {
        int tokens = network.architecture().model().contextTokens();
        long[] ids = new long[tokens];
        Arrays.setAll(ids, t -> (31L * t + 7) % network.architecture().model().vocabularySize());
        TokenBatch batch =
                new TokenBatch(Collections.nCopies(sequences, new TokenBatch.Sequence(ids, ids, new int[0])));
        double best = 0;
        for (int round = 0; round < FORWARD_ROUNDS; round++) {
            long begin = System.nanoTime();
            network.scores(batch);
            best = Math.max(best, (double) sequences * tokens / ((System.nanoTime() - begin) * 1e-9));
        }
        return best;
    }

    /** Reads every window alone, and counts. */
    private static final class Counted implements Scorer {
        private final Scorer scorer;
        private long requests;
        private long tokens;
        private long filledTokens;

        Counted(Scorer scorer) {
            this.scorer = scorer;
        }

        @Override
        public int maxTokens() {
            return scorer.maxTokens();
        }

        @Override
        public List<TokenScores> score(List<Window> windows) {
            requests += windows.size();
            windows.forEach(window -> tokens += window.ids().length - 1);
            filledTokens += windows.stream()
                            .mapToLong(window -> window.ids().length - 1L)
                            .max()
                            .orElse(0)
                    * windows.size();
            return scorer.score(windows);
        }

        @Override
        public double[] carried(int[] ids) {
            return scorer.carried(ids);
        }

        @Override
        public int[] write(int[] prompt, int count) {
            return scorer.write(prompt, count);
        }
    }

    private record InMemory(Map<String, String> known) implements RequestCache {
        @Override
        public Optional<String> find(String request) {
            return Optional.ofNullable(known.get(request));
        }

        @Override
        public void add(String request, String answer) {
            known.put(request, answer);
        }
    }
}
