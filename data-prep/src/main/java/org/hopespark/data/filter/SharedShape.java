package org.hopespark.data.filter;

import java.io.Serial;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * The shape of the text that was asked for last, so that stages in a row find the words of a document once.
 *
 * <p>Threads that share it get right answers, but are faster with one each.
 */
final class SharedShape implements Serializable {
    @Serial
    private static final long serialVersionUID = 1L;

    private transient @Nullable Shape last;

    @SuppressWarnings("ReferenceEquality") // an equal text that is another object is worth no comparison
    Shape of(String text) {
        Shape shape = last;
        if (shape == null || shape.text() != text) {
            shape = Shape.of(text);
            last = shape;
        }
        return shape;
    }
}
