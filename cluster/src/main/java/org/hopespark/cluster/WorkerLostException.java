package org.hopespark.cluster;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Other workers were waited for in vain. The message names generation, step, level, phase and who is missing. Another
 * attempt may succeed.
 */
public final class WorkerLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int[] missing;

    public WorkerLostException(String message, List<Integer> missing, @Nullable Throwable cause) {
        super(message, cause);
        this.missing = missing.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The ranks that did not answer. */
    public List<Integer> missing() {
        return Arrays.stream(missing).boxed().toList();
    }
}
