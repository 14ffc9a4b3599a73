package org.hopespark.model.eval;

import java.util.Optional;

/** What a model has answered before; of one model, one tokenizer and one way to ask. */
public interface RequestCache {
    /** Knows nothing and keeps nothing. */
    RequestCache NONE = new RequestCache() {
        @Override
        public Optional<String> find(String request) {
            return Optional.empty();
        }

        @Override
        public void add(String request, String answer) {
            // forgotten
        }
    };

    /** The answer to a request. */
    Optional<String> find(String request);

    /** Keeps an answer, if not for good at once, then soon. */
    void add(String request, String answer);
}
