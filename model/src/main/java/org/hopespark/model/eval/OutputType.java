package org.hopespark.model.eval;

import java.util.Locale;

/** What a task asks of a model, by the names of lm-evaluation-harness. */
public enum OutputType {
    /** Which of several continuations is likeliest. */
    MULTIPLE_CHOICE,
    /** How likely one continuation is. */
    LOGLIKELIHOOD,
    /** How likely whole documents are. */
    LOGLIKELIHOOD_ROLLING,
    /** What the model writes. */
    GENERATE_UNTIL;

    /** The name there. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
