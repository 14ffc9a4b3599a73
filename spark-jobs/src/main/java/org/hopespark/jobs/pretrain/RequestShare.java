package org.hopespark.jobs.pretrain;

import java.util.List;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.cluster.spark.WorkerContext;
import org.hopespark.data.DataSet;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.jobs.adapter.NetworkScorer;
import org.hopespark.jobs.adapter.TokenizerEncoder;
import org.hopespark.jobs.run.RunEvent;
import org.hopespark.model.Network;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.LanguageModel;
import org.hopespark.model.eval.Likelihood;
import org.hopespark.model.eval.TaskRequests;
import org.hopespark.model.eval.TokenLanguageModel;

/** One worker's part of what tasks ask while a run trains. */
final class RequestShare implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(RequestShare.class);

    private final WorkerContext context;
    private final List<TaskRequests> shares;
    private final Tokenizer tokenizer;
    private final LanguageModel model;

    /**
     * A share.
     *
     * @param questions of all workers together
     * @param sequences that the network is given at once
     */
    RequestShare(WorkerContext context, List<TaskRequests> questions, DataSet dataSet, Network network, int sequences) {
        this.context = context;
        shares = questions.stream()
                .map(all -> all.share(context.rank(), context.workers()))
                .toList();
        tokenizer = dataSet.tokenizer();
        model = new TokenLanguageModel(
                new TokenizerEncoder(tokenizer, dataSet.manifest().recipe().tokenizer()),
                new NetworkScorer(network, tokenizer.documentEnd()),
                EvaluationSettings.DEFAULT.withBatchSize(sequences));
    }

    /**
     * Answers all, and reports the answers to each task, or why there are none: a question that cannot be asked is no
     * reason to stop a run.
     */
    void answer(long step, Consumer<WorkerMessage> report) {
        for (TaskRequests share : shares) {
            long begin = System.nanoTime();
            try {
                List<Likelihood> answers = share.answers(model);
                report.accept(new WorkerMessage.TaskPart(
                        context.rank(),
                        context.workers(),
                        step,
                        share.task(),
                        answers,
                        (System.nanoTime() - begin) * 1e-9));
            } catch (RuntimeException e) {
                LOG.warn("no answers to {} at step {}", share.task(), step, e);
                report.accept(new WorkerMessage.Warned(new RunEvent.Warning(
                        step,
                        "worker " + context.rank() + " has no answers to " + share.task() + ": " + e.getMessage())));
            }
        }
    }

    @Override
    public void close() {
        try {
            tokenizer.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
