package org.hopespark.model.eval;

import java.util.List;

/** What a {@link Task} may ask a model. Answers come in the order of the questions. */
public interface LanguageModel {
    /** The log-likelihood of each continuation after its context. */
    List<Likelihood> continuations(List<Request> requests);

    /** The log-likelihood of each whole document, however long, in windows that know nothing of each other. */
    List<Likelihood> documents(List<String> documents);

    /**
     * The natural log-probability of each token of each document, which is read in one go: what the model keeps of the
     * tokens before is carried on. A recurrent model reads any length so; this is another metric than
     * {@link #documents}.
     */
    List<double[]> carried(List<String> documents);

    /** What the model writes after each prompt, the likeliest token each time, until it ends the text. */
    List<String> write(List<String> prompts, int newTokens);

    /** Tokens of a text, without any special one around it. */
    int countTokens(String text);
}
