package org.hopespark.jobs.pretrain;

import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.hopespark.cluster.spark.WorkerContext;
import org.hopespark.cluster.spark.WorkerFunction;
import org.hopespark.model.Accumulators;
import org.hopespark.model.BoundarySync;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.Network;
import org.hopespark.model.StateSection;

/**
 * What goes wrong in one worker, once.
 *
 * @param kind what it is
 * @param generation of the attempt in which it happens
 * @param rank to whom
 * @param step when
 */
record Fault(Kind kind, long generation, int rank, long step) implements Serializable {
    /** The level whose gradient is poisoned, or whose state changes. */
    static final int LEVEL = 2;

    enum Kind {
        NONE,
        /** The process is gone before it meets the others. */
        DIES_BEFORE_THE_EXCHANGE,
        /** It is gone when the exchange of the first level has begun, and nobody has waited for it yet. */
        DIES_INSIDE_A_SUM,
        /** It is gone when the first level has been exchanged, and the second one has not. */
        DIES_BETWEEN_TWO_LEVELS,
        STANDS_STILL,
        IS_TERMINATED,
        POISONS_ITS_GRADIENT,
        FLIPS_A_PARAMETER,
        FLIPS_A_MOMENT
    }

    /** The task of a run whose workers have faults. */
    record Disturbed(WorkerTask task, List<Fault> faults) implements WorkerFunction {
        @Override
        public String configuration() {
            return task.configuration();
        }

        @Override
        public String run(WorkerContext context) throws Exception {
            Fault mine = faults.stream()
                    .filter(fault -> fault.generation == context.generation() && fault.rank == context.rank())
                    .findFirst()
                    .orElse(new Fault(Kind.NONE, 0, 0, 0));
            return task.run(context, (network, sync) -> mine.around(network, sync, context::isPreempted));
        }
    }

    /** The meetings of the worker with this fault. */
    BoundarySync around(Network network, BoundarySync sync, BooleanSupplier preempted) {
        return new Faulty(this, network, sync, preempted, new ArrayList<>());
    }

    private record Faulty(
            Fault fault, Network network, BoundarySync sync, BooleanSupplier preempted, List<Pending> firstLevel)
            implements BoundarySync.Forwarding {
        @Override
        public Agreement open(long step, long tokens, StopRequest stop, long[] digests) {
            if (step == fault.step) {
                switch (fault.kind) {
                    case DIES_BEFORE_THE_EXCHANGE -> die();
                    case STANDS_STILL -> signal("STOP");
                    case IS_TERMINATED -> terminate();
                    case FLIPS_A_PARAMETER -> flip("parameters");
                    case FLIPS_A_MOMENT -> flip("optimizer");
                    default -> {}
                }
            }
            return sync.open(step, tokens, stop, digests);
        }

        @Override
        public Pending sum(Part part) {
            disturb(part);
            return begun(part, sync.sum(part));
        }

        @Override
        public Pending reduce(Part part) {
            disturb(part);
            return begun(part, sync.reduce(part));
        }

        private void disturb(Part part) {
            boolean due = part.step() == fault.step && part.level().index() == LEVEL;
            if (due && fault.kind == Kind.DIES_BETWEEN_TWO_LEVELS) {
                firstLevel.forEach(Pending::await);
                die();
            }
            if (due && fault.kind == Kind.POISONS_ITS_GRADIENT) {
                // where another worker is not the one to look
                long own = part.slices().from(rank());
                part.values().slices().get(0).putFloat(Math.toIntExact(own * Float.BYTES), Float.NaN);
            }
        }

        private Pending begun(Part part, Pending pending) {
            if (part.step() == fault.step && part.level().index() == 1) {
                if (fault.kind == Kind.DIES_INSIDE_A_SUM) {
                    die();
                }
                firstLevel.add(pending);
            }
            return pending;
        }

        private void terminate() {
            signal("TERM");
            while (!preempted.getAsBoolean()) {
                pause();
            }
        }

        private void flip(String kind) {
            for (StateSection section : network.levels().sectionsToSave(Accumulators.REDUCED)) {
                if (section.name().equals("level-" + LEVEL + "." + kind)) {
                    NamedTensor tensor = section.tensors().stream()
                            .filter(t -> t.data().elements() > 0)
                            .findFirst()
                            .orElseThrow();
                    ByteBuffer values = tensor.data().slices().get(0);
                    values.putInt(0, values.getInt(0) ^ 1 << 12);
                }
            }
            network.levels().sectionsLoaded();
        }

        private static void die() {
            Runtime.getRuntime().halt(137);
        }

        private static void signal(String name) {
            try {
                new ProcessBuilder(
                                "kill",
                                "-" + name,
                                Long.toString(ProcessHandle.current().pid()))
                        .start()
                        .waitFor();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private static void pause() {
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }
}
