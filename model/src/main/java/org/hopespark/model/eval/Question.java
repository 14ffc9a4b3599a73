package org.hopespark.model.eval;

import java.util.List;

/**
 * A multiple-choice question.
 *
 * @param choices what the model is asked for each choice
 * @param gold place of the right one, from 0
 */
record Question(List<Request> choices, int gold) {
    Question {
        choices = List.copyOf(choices);
        if (choices.size() < 2) {
            throw new IllegalArgumentException("a question needs >= 2 choices, got " + choices.size());
        }
        if (gold < 0 || gold >= choices.size()) {
            throw new IllegalArgumentException(
                    "the right choice must lie in 0.." + (choices.size() - 1) + ", got " + gold);
        }
    }

    /** The usual form: the choices follow one context, after a space. */
    static Question of(String context, List<String> choices, int gold) {
        return new Question(
                choices.stream().map(c -> new Request(context, " " + c)).toList(), gold);
    }
}
