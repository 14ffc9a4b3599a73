package org.hopespark.model.eval;

import java.io.Serializable;

/**
 * The question "how likely is {@code continuation} after {@code context}?".
 *
 * @param context may be empty
 * @param continuation usually begins with the space that parts it from the context
 */
public record Request(String context, String continuation) implements Serializable {
    private static final long serialVersionUID = 1L;

    public Request {
        if (continuation.isEmpty()) {
            throw new IllegalArgumentException(
                    "the continuation must not be empty, after the context \"" + PythonText.shorten(context) + "\"");
        }
    }
}
