package org.hopespark.jobs.plan;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.hopespark.conf.Level;
import org.hopespark.model.Cost;
import org.hopespark.model.WorkerMemory;

/** A plan for programs: the figures of {@link PlanText} unrounded, in bytes, seconds and operations. */
public final class PlanJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private PlanJson() {}

    public static ObjectNode of(Plan plan) {
        Cost cost = plan.cost();
        Machines machines = plan.machines();
        ObjectNode root = MAPPER.createObjectNode()
                .put("name", plan.name())
                .put("workers", machines.workers())
                .put("memory-bytes", machines.memoryBytes())
                .put("reserve", machines.reserved())
                .put("bandwidth-bytes-per-second", machines.bytesPerSecond())
                .put("peak-flops", machines.peakFlops())
                .put("mfu", machines.share())
                .put("recompute-every-chunks", plan.recomputeEveryChunks())
                .put("parameters", cost.architecture().size())
                .put("batch-tokens", plan.batchTokens())
                .put("tokens", plan.tokens())
                .put("forward-flops-per-token", cost.forwardFlopsPerToken())
                .put(
                        "training-flops-per-token",
                        cost.trainingFlopsPerToken(plan.config().training()))
                .put("bytes-sent-per-step", plan.bytesPerStep())
                .put("bytes-sent-full-sync", plan.bytesAtFullBoundary())
                .put("compute-seconds", plan.computeSeconds())
                .put("exchange-seconds", plan.exchangeSeconds())
                .put("step-seconds", plan.stepSeconds())
                .put("longest-step-seconds", plan.longestStepSeconds())
                .put("tokens-per-second", plan.tokensPerSecond())
                .put("days", plan.days());
        levels(plan, root.putArray("levels"));
        memory(plan, root.putObject("memory"));
        PlanText.assumptions(plan).forEach(root.putArray("assumptions")::add);
        return root;
    }

    private static void levels(Plan plan, ArrayNode rows) {
        Cost cost = plan.cost();
        int workers = plan.machines().workers();
        for (Level level : plan.levels()) {
            rows.addObject()
                    .put("level", level.index())
                    .put("period-steps", level.periodSteps())
                    .put("parameters", cost.architecture().size(level))
                    .put("bytes-sent-per-step", cost.bytesPerStep(level, workers))
                    .put("bytes-sent-at-boundary", cost.bytesAtBoundary(level, workers));
        }
    }

    private static void memory(Plan plan, ObjectNode node) {
        WorkerMemory memory = plan.memory();
        node.put("fits", plan.fits())
                .put("parameters-bytes", memory.parameters())
                .put("gradients-bytes", memory.gradients())
                .put("moments-bytes", memory.moments())
                .put("activations-bytes", memory.activations())
                .put("inner-state-bytes", memory.innerState())
                .put("head-bytes", memory.head())
                .put("total-bytes", memory.total())
                .put("largest-micro-batch-sequences", plan.largestMicroBatch());
    }
}
