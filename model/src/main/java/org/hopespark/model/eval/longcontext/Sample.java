package org.hopespark.model.eval.longcontext;

import java.util.List;
import java.util.Locale;

/**
 * One question.
 *
 * @param prompt what the model reads
 * @param answers what it should write: all of them in any order, or any of them where the task says so
 * @param part where in the context the answer lies, such as {@code depth=20}; empty if there is no one place
 */
record Sample(String prompt, List<String> answers, String part) {
    Sample {
        answers = List.copyOf(answers);
    }

    /** RULER's {@code string_match_all}: the share of answers that occur in what the model wrote. */
    double stringMatch(String written) {
        return (double) matches(written) / answers.size();
    }

    /** RULER's {@code string_match_part}: 1 if any answer occurs in what the model wrote, else 0. */
    double anyMatch(String written) {
        return matches(written) > 0 ? 1 : 0;
    }

    private long matches(String written) {
        String text = written.toLowerCase(Locale.ROOT);
        return answers.stream()
                .filter(answer -> text.contains(answer.toLowerCase(Locale.ROOT)))
                .count();
    }
}
