package org.hopespark.jobs.plan;

import static org.hopespark.jobs.progress.Units.bytes;
import static org.hopespark.jobs.progress.Units.count;
import static org.hopespark.jobs.progress.Units.digits;
import static org.hopespark.jobs.progress.Units.duration;
import static org.hopespark.jobs.progress.Units.percent;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.hopespark.conf.Level;
import org.hopespark.conf.ModelConfig;
import org.hopespark.model.Cost;
import org.hopespark.model.WorkerMemory;

/** A plan for people. */
public final class PlanText {
    /** Shown beside a plan that keeps everything. */
    private static final int RECOMPUTE_EVERY_CHUNKS = 8;

    private final Plan plan;
    private final Machines machines;
    private final List<String> lines = new ArrayList<>();

    private PlanText(Plan plan) {
        this.plan = plan;
        machines = plan.machines();
    }

    public static List<String> of(Plan plan) {
        PlanText text = new PlanText(plan);
        text.levels();
        text.memory();
        text.time();
        text.lines.add("");
        text.lines.add("Assumptions:");
        assumptions(plan).forEach(assumption -> text.lines.add("  - " + assumption));
        return text.lines;
    }

    private void line(String format, Object... values) {
        lines.add(String.format(Locale.ROOT, format, values));
    }

    private void levels() {
        Cost cost = plan.cost();
        int n = machines.workers();
        line(
                "%s: %s parameters, %d workers",
                plan.name(), count(cost.architecture().size()), n);
        line("");
        line("%36s%s", "", "a worker sends, bytes");
        line(
                "%-5s %8s %14s %13s %14s %13s",
                "level", "C, steps", "parameters", "a step, mean", "at a boundary", "of full sync");
        for (Level level : plan.levels()) {
            row(
                    "L" + level.index(),
                    count(level.periodSteps()),
                    cost.architecture().size(level),
                    cost.bytesPerStep(level, n),
                    cost.bytesAtBoundary(level, n));
        }
        row("all", "", cost.architecture().size(), plan.bytesPerStep(), plan.bytesAtFullBoundary());
    }

    /** Full synchronisation sends at every step what is sent at a boundary. */
    private void row(String level, String period, long parameters, double perStep, double atBoundary) {
        line(
                "%-5s %8s %14s %13s %14s %13s",
                level,
                period,
                count(parameters),
                bytes(perStep),
                bytes(atBoundary),
                atBoundary == 0 ? "-" : percent(perStep / atBoundary));
    }

    private void memory() {
        WorkerMemory memory = plan.memory();
        int sequences = Math.max(1, plan.largestMicroBatch());
        line("");
        line("memory of a worker, micro-batch of %d x %s tokens", sequences, count(plan.context()));
        part("parameters", memory.parameters());
        part("gradients, open windows", memory.gradients());
        part("optimizer state", memory.moments());
        part("activations", memory.activations());
        part("inner state at the chunks", memory.innerState());
        part("logits, rows of the head", memory.head());
        part("sum", memory.total());
        line(
                "  %s in %s, %s of it kept free",
                plan.fits() ? "fits" : "DOES NOT FIT", bytes(machines.memoryBytes()), percent(machines.reserved()));
        largestMicroBatch(plan.recomputeEveryChunks());
        if (plan.recomputeEveryChunks() == 0) {
            largestMicroBatch(RECOMPUTE_EVERY_CHUNKS);
        }
    }

    private void largestMicroBatch(int recomputeEveryChunks) {
        int largest = plan.largestMicroBatch(recomputeEveryChunks);
        line(
                "  largest micro-batch with training.recompute-every-chunks=%d: %s of the %d sequences of a worker",
                recomputeEveryChunks, largest == 0 ? "none" : Integer.toString(largest), plan.sequencesPerWorker());
    }

    private void part(String name, long size) {
        line("  %-28s %10s", name, bytes((double) size));
    }

    private void time() {
        Cost cost = plan.cost();
        line("");
        line(
                "operations of a token: forward %s, training %s",
                flops(cost.forwardFlopsPerToken()),
                flops(cost.trainingFlopsPerToken(plan.config().training())));
        line(
                "step of %s tokens: %s = computing %s + exchange %s",
                count(plan.batchTokens()),
                duration(plan.stepSeconds()),
                duration(plan.computeSeconds()),
                duration(plan.exchangeSeconds()));
        line("  %s where all levels are due, as at every step if all had C = 1", duration(plan.longestStepSeconds()));
        line(
                "%s tokens/s, %s tokens in %s days",
                digits(plan.tokensPerSecond()), count(Math.round(plan.tokens())), digits(plan.days()));
    }

    /** Multiplications and additions. */
    private static String flops(double flops) {
        return flops < 1e9 ? digits(flops * 1e-6) + " MFLOP" : digits(flops * 1e-9) + " GFLOP";
    }

    /** Everything that the figures rest on besides the configuration. */
    static List<String> assumptions(Plan plan) {
        Machines machines = plan.machines();
        boolean halves = plan.config().model().precision() == ModelConfig.Precision.BFLOAT16;
        List<String> all = new ArrayList<>();
        all.add("a worker has " + bytes(machines.memoryBytes()) + ", sends and receives "
                + bytes(machines.bytesPerSecond()) + "/s at the same time, and its device does "
                + digits(machines.peakFlops() * 1e-12) + " TFLOP/s in matrix products (--tflops)");
        all.add("training reaches " + percent(machines.share()) + " of that (--mfu). For the memories of Hope this is a"
                + " guess: products over small chunks reached 5 to 10 % on accelerators (TNT, arXiv 2511.07343)");
        all.add("a forward pass is 2 operations an element of each matrix, 9 P + 2 C (d + m) a memory of P elements,"
                + " 2 T D a block of attention; a step is "
                + (plan.recomputeEveryChunks() == 0
                        ? "3 forward passes, backward is 2 of them; all blocks are kept"
                        : "4 forward passes, backward is 2 of them and blocks are computed twice"));
        all.add("norms, convolutions, loading, optimizer, evaluation and checkpoints take no time");
        all.add("every worker holds the whole model: parameters, gradients and the state of the optimizer in float32");
        all.add("activations are what the backward formulas read, inputs of large products in "
                + (halves ? "bfloat16 (the head and the memories compute in float32, more slowly)" : "float32")
                + "; what exists for moments only is not counted");
        all.add(percent(machines.reserved())
                + " of the memory stays free for the engine, workspaces and fragmentation (--reserve); on a"
                + " GPU the workers hold parameters, gradients and moments in host memory a second time");
        all.add("a level is exchanged once in C steps, 2 (N - 1) / N x b bytes a parameter, b = 4 or what wire makes"
                + " of it, at the full bandwidth, without latency, and not while computing");
        if (plan.levels().stream().anyMatch(Level::isOptimizedEveryStep)) {
            all.add("a level with reduction: sum-of-updates is exchanged at every step; where owners update, its"
                    + " gradient goes half of that way, and its parameters the other half once in C steps");
        }
        all.add("the batch does not depend on the number of workers: " + count(plan.batchSequences()) + " sequences of "
                + count(plan.context()) + " tokens");
        if (plan.config().model().inContext().blocks() > 0) {
            all.add("what the last blocks learn in context is not counted: copies of their MLPs for every sequence, and"
                    + " another forward and backward pass of these blocks and the head");
        }
        return all;
    }
}
