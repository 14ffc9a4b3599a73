package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.Member;
import org.hopespark.cluster.PreemptedException;
import org.hopespark.cluster.ResizeException;
import org.hopespark.cluster.WorkerLostException;
import org.hopespark.cluster.spark.AttemptEnd.Kind;
import org.hopespark.cluster.spark.Message.Answer;
import org.hopespark.cluster.spark.Message.Failure;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AttemptTest {
    private final Exception cancelled = new IllegalStateException("Job aborted due to stage failure");

    private static final Identity IDENTITY = new Identity("aa", "bb");

    private final Attempt attempt = attempt(7);

    AttemptTest() {
        attempt.register(0, new Registration(new Member("host-a", 1), "10", "0", IDENTITY, 0));
        attempt.register(1, new Registration(new Member("host-b", 2), "11", "1", IDENTITY, 0));
    }

    @Test
    void theFirstErrorIsTheCauseAndItsHostIsBlamed() {
        attempt.failed(1, Failure.of(new IllegalStateException("disk")));
        attempt.failed(0, lost(1));
        AttemptEnd end = attempt.end(cancelled);
        assertThat(end.kind()).isEqualTo(Kind.FAILURE);
        assertThat(end.cause()).isEqualTo("rank 1 (host-b:2): java.lang.IllegalStateException: disk");
        assertThat(end.host()).isEqualTo("host-b");
    }

    @Test
    void aWorkerThatMissesAnotherBlamesIt() {
        attempt.failed(0, lost(1));
        assertThat(attempt.awaitsLoss()).isTrue();
        attempt.lost(new LostExecutor("11", "Command exited with code 137"));
        assertThat(attempt.awaitsLoss()).isFalse();
        AttemptEnd end = attempt.end(cancelled);
        assertThat(end.kind()).isEqualTo(Kind.FAILURE);
        assertThat(end.host()).isEqualTo("host-b");
        assertThat(end.cause())
                .contains("rank 0 (host-a:1): ")
                .endsWith("; rank 1 (host-b:2), executor 11 lost: Command exited with code 137");
    }

    @Test
    void whatSparkSaysIsTheCauseWhereNoWorkerCouldSayMore() {
        AttemptEnd end = attempt.end(new IllegalStateException("Job aborted.\n"
                + "ExecutorLostFailure (executor 10 exited caused by one of the running tasks) Reason: Command exited"
                + " with code 137"));
        assertThat(end.cause()).isEqualTo("rank 0 (host-a:1), executor 10 lost: Command exited with code 137");
        assertThat(end.host()).isEqualTo("host-a");
        assertThat(attempt.end(cancelled).cause()).contains("Job aborted due to stage failure");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PREEMPTION | Command exited with code 143",
                "PREEMPTION | Executor decommission: worker decommissioned because of kill request",
                "PREEMPTION | Container container_1_0002_01_000003 on host: gpu-07 was preempted.",
                "PREEMPTION | The executor with id 11 was deleted by a user or the framework.",
                "PREEMPTION | The executor with id 11 exited with exit code 143.",
                "PREEMPTION | Container marked as failed: container_1 on host: gpu-07. Exit status: 143. Diagnostics: ",
                "FAILURE    | Container killed by YARN for exceeding physical memory limits. 640.2 MB of 640 MB used.",
                "FAILURE    | Container from a bad node: c_1 on host: preempt-143.lab. Exit status: 1. Diagnostics: ",
                "FAILURE    | Executor heartbeat timed out after 143 ms",
                "FAILURE    | Worker sigterm-decommission-7 was lost",
                "FAILURE    | Command exited with code 137",
                "FAILURE    | Command exited with code 1430",
                "FAILURE    | Executor heartbeat timed out after 125341 ms",
                "FAILURE    | Remote RPC client disassociated. Likely due to containers exceeding thresholds"
            })
    void theReasonOfALossTellsPreemptionFromFailure(Kind kind, String reason) {
        attempt.failed(0, lost(1));
        attempt.lost(new LostExecutor("11", reason));
        assertThat(attempt.end(cancelled).kind()).isEqualTo(kind);
    }

    @Test
    void onlyThePreemptedWorkersEndIsAPreemption() {
        attempt.preempted(1);
        assertThat(attempt.commands(1).preempted()).isTrue();
        assertThat(attempt.commands(0).preempted()).isFalse();
        attempt.failed(0, Failure.of(new IllegalStateException("a bug of its own")));
        assertThat(attempt.end(cancelled).kind()).isEqualTo(Kind.FAILURE);
    }

    @Test
    void aPreemptedWorkerThatIsMissedIsAPreemption() {
        attempt.preempted(1);
        attempt.failed(0, lost(1));
        assertThat(attempt.end(cancelled).kind()).isEqualTo(Kind.PREEMPTION);
    }

    /** YARN kills it a quarter of a second after the signal that the worker has told of. */
    @Test
    void aWorkerThatIsKilledForItsMemoryIsAFailureAndTheSettingIsNamed() {
        attempt.preempted(1);
        attempt.failed(1, Failure.of(new PreemptedException("saved step 20")));
        attempt.lost(new LostExecutor(
                "11", "Container killed by YARN for exceeding physical memory limits. 640.2 MB of 640 MB used"));
        AttemptEnd end = attempt.end(cancelled);
        assertThat(end.kind()).isEqualTo(Kind.FAILURE);
        assertThat(end.cause()).contains("640.2 MB of 640 MB used: raise spark.executor.memoryOverhead (OVERHEAD");
    }

    /** As Spark 4.2 says it of a pod. */
    @Test
    void theManyLinesOfAPodThatIsKilledForItsMemoryAreRead() {
        AttemptEnd end = attempt.end(new IllegalStateException("""
                Job aborted due to stage failure: Could not recover from a failed barrier ResultStage.
                ExecutorLostFailure (executor 11 exited caused by one of the running tasks) Reason:\s
                The executor with id 11 exited with exit code 137(SIGKILL, possible container OOM).



                The API gave the following container statuses:


                \t container name: spark-kubernetes-executor
                \t container state: terminated
                \t exit code: 137
                \t termination reason: OOMKilled
                     \s
                Driver stacktrace:"""));
        assertThat(end.kind()).isEqualTo(Kind.FAILURE);
        assertThat(end.cause())
                .isEqualTo("rank 1 (host-b:2), executor 11 lost: The executor with id 11 exited with exit code"
                        + " 137(SIGKILL, possible container OOM). The API gave the following container statuses:"
                        + " container name: spark-kubernetes-executor container state: terminated exit code: 137"
                        + " termination reason: OOMKilled: raise spark.executor.memoryOverhead (OVERHEAD of"
                        + " cluster/deploy's submit)");
    }

    @Test
    void workersSayThemselvesThatTheyEndInOrder() {
        attempt.failed(1, Failure.of(new PreemptedException("saved step 20")));
        attempt.failed(0, lost(1));
        assertThat(attempt.end(cancelled).kind()).isEqualTo(Kind.PREEMPTION);
        Attempt other = attempt(8);
        other.resize();
        assertThat(other.commands(0).resize()).isTrue();
        other.failed(0, Failure.of(new ResizeException("saved step 20")));
        assertThat(other.end(cancelled).kind()).isEqualTo(Kind.RESIZE);
    }

    @Test
    void workersOfOtherCodeOrConfigurationAreRefusedAllTogether() {
        Attempt other = attempt(9);
        other.register(0, new Registration(new Member("host-a", 1), "10", "", new Identity("cc", "bb"), 0));
        Answer answer =
                other.register(1, new Registration(new Member("host-b", 2), "11", "0", new Identity("aa", "dd"), 0));
        assertThat(answer.refusal())
                .isEqualTo("the workers do not fit together: 3 problems"
                        + "\n  - rank 0 (host-a:1) runs another code (jar) than the driver, cc, not aa: give both the same jar (the one"
                        + " that is submitted, spark.executor.extraClassPath)"
                        + "\n  - rank 0 (host-a:1) got no GPU from Spark, although spark.task.resource.gpu.amount is set"
                        + "\n  - rank 1 (host-b:2) runs another configuration than the driver, dd, not bb");
        assertThat(other.failedWith(UserException.class)).isTrue();
    }

    private static Attempt attempt(long number) {
        return new Attempt(
                new Generation(new UUID(1, 2), number), 2, new Requirements(IDENTITY, true), (rank, json) -> {});
    }

    private static Failure lost(int rank) {
        return Failure.of(new WorkerLostException("rank " + rank + " has closed", List.of(rank), null));
    }
}
