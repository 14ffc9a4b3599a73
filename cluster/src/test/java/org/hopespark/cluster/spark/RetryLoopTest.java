package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.hopespark.cluster.spark.AttemptEnd.Kind;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;

final class RetryLoopTest {
    private final ScriptedCluster cluster = new ScriptedCluster();
    private final Run run = new Run();

    @Test
    void failuresInARowSpendTheirBudget() {
        cluster.ends(Kind.FAILURE, Kind.FAILURE, Kind.FAILURE);
        assertThatThrownBy(() -> loop("{max-failures: 2}"))
                .isInstanceOf(AttemptFailedException.class)
                .hasMessageContaining(
                        "gave up after 3 failed attempts without a newer checkpoint (cluster.max-failures = 2)")
                .hasMessageContaining("the last one: generation 3: out of luck");
        assertThat(run.ends).containsExactly("1 failure", "2 failure", "3 failure");
    }

    @Test
    void aNewerCheckpointForgivesTheFailuresBeforeIt() {
        cluster.ends(Kind.FAILURE, Kind.FAILURE, Kind.FAILURE, Kind.FAILURE);
        run.savedSteps.addAll(List.of(0L, 0L, 10L, 10L));
        assertThat(loop("{max-failures: 2}")).containsExactly("done by 4 in generation 5");
        cluster.ends(Kind.FAILURE, Kind.FAILURE, Kind.FAILURE);
        run.savedSteps.addAll(List.of(10L, 10L, 10L));
        assertThatThrownBy(() -> loop("{max-failures: 2}")).hasMessageContaining("gave up after 3 failed attempts");
    }

    @Test
    void preemptionsAreNoFailuresAndHaveABudgetOfTheirOwn() {
        cluster.ends(Kind.PREEMPTION, Kind.FAILURE, Kind.PREEMPTION, Kind.PREEMPTION);
        assertThat(loop("{max-failures: 1}")).containsExactly("done by 4 in generation 5");
        cluster.ends(Kind.PREEMPTION, Kind.PREEMPTION);
        assertThatThrownBy(() -> loop("{max-failures: 0, max-preemptions: 1}"))
                .hasMessageContaining("gave up after 2 preempted attempts (cluster.max-preemptions = 1)");
    }

    @Test
    void aHostWhereFailuresBeginIsExcludedAndOthersAreNot() {
        cluster.hosts.addAll(List.of("bad", "good", "bad", ""));
        cluster.ends(Kind.FAILURE, Kind.FAILURE, Kind.FAILURE, Kind.FAILURE);
        loop("{max-failures: 5, max-host-failures: 2}");
        assertThat(cluster.excluded).containsExactly(Set.of(), Set.of(), Set.of("bad"), Set.of("bad"));
        cluster.hosts.addAll(List.of("bad", "bad"));
        cluster.ends(Kind.PREEMPTION, Kind.FAILURE);
        cluster.excluded.clear();
        loop("{max-host-failures: 2}");
        assertThat(cluster.excluded).containsExactly(Set.of());
    }

    @Test
    void noHostIsExcludedWithoutALimit() {
        cluster.hosts.addAll(List.of("bad", "bad", "bad"));
        cluster.ends(Kind.FAILURE, Kind.FAILURE, Kind.FAILURE);
        loop("{max-host-failures: 0}");
        assertThat(cluster.excluded).containsExactly(Set.of(), Set.of(), Set.of());
    }

    @Test
    void fewerWorkersGoOnWhereTheyAreAllowedToAndAllAreTriedEveryTime() {
        cluster.room.addAll(List.of(4, 3, 3, 9));
        cluster.ends(Kind.FAILURE, Kind.FAILURE, Kind.RESIZE);
        assertThat(loop("{min-workers: 1}")).containsExactly("done by 4 in generation 4");
        assertThat(run.sizes).containsExactly(4, 2, 2, 4);
        assertThat(cluster.waits).containsExactly("4 for 120 s", "4 for 120 s", "4 for 120 s", "4 for 2 s");
    }

    @Test
    void aQueueMayBringAllOrTheFewestMuchLater() {
        cluster.queue = Duration.ofHours(1);
        cluster.room.addAll(List.of(3, 4));
        assertThat(loop("{}")).containsExactly("done by 4 in generation 1");
        assertThat(cluster.waits).containsExactly("4 for 120 s", "4 for 3480 s");
        cluster.waits.clear();
        cluster.room.addAll(List.of(1, 3));
        assertThat(loop("{min-workers: 2}")).containsExactly("done by 2 in generation 1");
        assertThat(cluster.waits).containsExactly("4 for 120 s", "2 for 3480 s");
    }

    @Test
    void whoIsStoppedWhileItWaitsHasMadeNoMistake() {
        cluster.room.add(0);
        cluster.stopsWhileItWaits = true;
        assertThatThrownBy(() -> loop("{}")).hasMessage("stopped; the same command resumes");
    }

    @Test
    void workersAreAskedToRegroupOnceThereIsRoomForMoreThatFit() {
        cluster.room.addAll(List.of(2, 3, 4));
        loop("{min-workers: 2}");
        assertThat(cluster.resize.getAsBoolean())
                .as("2 to 3, which fits nothing")
                .isFalse();
        assertThat(cluster.resize.getAsBoolean()).as("2 to 4").isTrue();
        cluster.room.add(4);
        loop("{min-workers: 2}");
        cluster.room.add(9);
        assertThat(cluster.resize.getAsBoolean()).as("all are there").isFalse();
    }

    @Test
    void allThatKeepsAnAttemptFromStartingIsToldTogether() {
        cluster.room.add(3);
        cluster.problems.add("no GPU");
        run.problems.add("disk full");
        assertThatThrownBy(() -> loop("{}"))
                .isInstanceOf(UserException.class)
                .hasMessage("attempt 1 cannot start: 3 problems\n  - no room for 4\n  - no GPU\n  - disk full");
        cluster.room.add(1);
        assertThatThrownBy(() -> loop("{min-workers: 2}")).hasMessageContaining("  - no room for 2\n");
        assertThat(run.sizes).isEmpty();
    }

    @Test
    void nothingIsTriedAgainOnAStoppedCluster() {
        cluster.stopsWhileItRuns = true;
        cluster.ends(Kind.RESIZE);
        assertThatThrownBy(() -> loop("{}"))
                .hasMessageContaining("stopped; the same command resumes from the newest checkpoint");
        assertThat(run.ends).containsExactly("1 resize");
    }

    @Test
    void aStopOfTheUsersIsNoFailureAndNamesTheStepThatIsSaved() {
        run.savedSteps.add(8L);
        cluster.ends(Kind.STOP);
        assertThatThrownBy(() -> loop("{}"))
                .hasMessage("stopped; step 8 is saved, and the same command resumes")
                .isInstanceOfSatisfying(
                        AttemptFailedException.class,
                        e -> assertThat(e.end().kind()).isEqualTo(Kind.STOP));
        cluster.stopped = true;
        assertThatThrownBy(() -> loop("{}")).hasMessage("stopped; the same command resumes");
        assertThat(run.ends).containsExactly("1 stop");
    }

    private List<String> loop(String yaml) {
        return new RetryLoop(cluster, ClusterConfig.of(Settings.parse("test", yaml))).run(4, (rank, json) -> {}, run);
    }

    /** Four sequences to share, and a record of what happened. */
    private static final class Run implements RetryLoop.Attempts {
        private final List<Integer> sizes = new ArrayList<>();
        private final List<String> ends = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private final Deque<Long> savedSteps = new ArrayDeque<>();

        @Override
        public WorkerFunction begin(long generation, int workers) {
            sizes.add(workers);
            return context -> "";
        }

        @Override
        public List<String> preflight() {
            return problems;
        }

        @Override
        public boolean fits(int workers) {
            return 4 % workers == 0;
        }

        @Override
        public long savedStep() {
            return savedSteps.isEmpty() ? 0 : savedSteps.remove();
        }

        @Override
        public void ended(AttemptEnd end) {
            ends.add(end.generation() + " " + end.kind().word());
        }
    }

    /** Attempts end as the script says, and well after its end. */
    private static final class ScriptedCluster implements Cluster {
        private final Deque<Kind> script = new ArrayDeque<>();
        private final Deque<String> hosts = new ArrayDeque<>();
        private final Deque<Integer> room = new ArrayDeque<>();
        private final List<String> problems = new ArrayList<>();
        private final List<String> waits = new ArrayList<>();
        private final List<Set<String>> excluded = new ArrayList<>();
        private BooleanSupplier resize = () -> false;
        private Duration queue = Duration.ofMinutes(2);
        private boolean stopped;
        private boolean stopsWhileItRuns;
        private boolean stopsWhileItWaits;

        private void ends(Kind... kinds) {
            script.addAll(List.of(kinds));
        }

        @Override
        public int slots() {
            return room.isEmpty() ? 4 : room.remove();
        }

        @Override
        public int awaitSlots(int workers, Duration longest) {
            waits.add(workers + " for " + longest.toSeconds() + " s");
            stopped = stopsWhileItWaits;
            return slots();
        }

        @Override
        public Duration queueTimeout() {
            return queue;
        }

        @Override
        public String shortage(int workers) {
            return "no room for " + workers;
        }

        @Override
        public List<String> problems() {
            return problems;
        }

        @Override
        public void exclude(Set<String> unwanted) {
            excluded.add(unwanted);
        }

        @Override
        public boolean isStopped() {
            return stopped;
        }

        @Override
        public List<String> run(
                int workers,
                long generation,
                StepListener listener,
                WorkerFunction function,
                BooleanSupplier roomForMore) {
            stopped = stopsWhileItRuns;
            resize = roomForMore;
            if (script.isEmpty()) {
                return List.of("done by " + workers + " in generation " + generation);
            }
            String host = hosts.isEmpty() ? "" : hosts.remove();
            AttemptEnd end = new AttemptEnd(script.remove(), generation, "out of luck", host, 0);
            throw new AttemptFailedException(
                    "generation " + generation + ": out of luck", end, new IllegalStateException());
        }
    }
}
