package org.hopespark.model.eval;

import java.util.List;

/** What a {@link Task} may ask a model. Answers come in the order of the questions. */
public interface LanguageModel {
    /** The log-likelihood of each continuation after its context. */
    List<Likelihood> continuations(List<Request> requests);

    /** The log-likelihood of each whole document, however long. */
    List<Likelihood> documents(List<String> documents);
}
