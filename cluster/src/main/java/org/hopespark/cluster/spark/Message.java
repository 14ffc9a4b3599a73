package org.hopespark.cluster.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.Member;
import org.hopespark.cluster.WorkerLostException;

/**
 * What a worker sends to the driver. Messages and answers travel as JSON text, which all class loaders agree on.
 *
 * @param kind what it is
 * @param generation of the sender
 * @param rank of the sender
 * @param body JSON: a {@link Registration}, a {@link Failure} or what the job likes to report
 */
record Message(Kind kind, Generation generation, int rank, String body) {
    private static final ObjectMapper JSON = new ObjectMapper();

    enum Kind {
        /** What do the workers prove to each other to have? The answer is a key, empty once the attempt is over. */
        KEY,
        /** Here I am; asked until everyone is there. */
        REGISTER,
        /** What a step brought. */
        STEP,
        /** The worker ends with an error. */
        FAILED,
        /** The worker has reported its last step. */
        FINISHED,
        /** The worker's executor was told to end. */
        PREEMPTED,
        /** Is there anything that I should do? Asked now and then; the answer is an {@link DriverCommands}. */
        ORDERS
    }

    /**
     * Why a worker ended.
     *
     * @param type class of the error
     * @param message what it says
     * @param missing ranks that it blames
     */
    record Failure(String type, String message, List<Integer> missing) {
        static Failure of(Throwable error) {
            String message = error.getMessage();
            return new Failure(
                    error.getClass().getName(),
                    message == null ? error.toString() : message,
                    error instanceof WorkerLostException lost ? lost.missing() : List.of());
        }

        boolean isA(Class<? extends Throwable> error) {
            return type.equals(error.getName());
        }
    }

    /**
     * What the driver answers to a registration.
     *
     * @param members of all ranks, once all are there
     * @param missing ranks that have not registered
     * @param refusal why the worker does not belong here, or empty
     */
    record Answer(List<Member> members, List<Integer> missing, String refusal) {
        static Answer refused(String reason) {
            return new Answer(List.of(), List.of(), reason);
        }
    }

    /**
     * What the driver wants of a worker.
     *
     * @param preempted its executor will be taken away: save and end
     * @param resize end after the next checkpoint: there is room for more workers
     */
    record DriverCommands(boolean preempted, boolean resize) {
        static final DriverCommands NONE = new DriverCommands(false, false);
    }

    static String encode(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write " + value + " as JSON", e);
        }
    }

    static <T> T decode(String json, Class<T> type) {
        try {
            return JSON.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a " + type.getSimpleName() + ": " + json, e);
        }
    }
}
